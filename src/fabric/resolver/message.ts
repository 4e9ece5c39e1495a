/**
 * DNS messages (RFC 1035, EDNS of RFC 6891): a query as bytes in, a response as bytes out. The question is echoed as
 * it came, and names in answers are compressed, so that the eight addresses of a service fit into the 512 bytes that
 * resolvers without EDNS, such as musl's, can take.
 */
import { encodeName, encodeRecordData, typeName, typeNumber } from "./record-data.ts";

export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** The question's bytes. */
  readonly question: Buffer;
  /** Lower case, with the trailing dot. */
  readonly name: string;
  readonly type: string;
  readonly class: number;
  readonly edns?: { readonly payloadSize: number; readonly version: number; readonly dnssecOk: boolean };
}

export type ParsedQuery =
  | { readonly kind: "query"; readonly query: Query }
  /** To be answered with FORMERR. */
  | { readonly kind: "malformed"; readonly id: number }
  /** Not even a header, or a response: answering could start a loop. */
  | { readonly kind: "ignore" };

export interface ResponseRecord {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly value: string;
}

export interface Response {
  readonly code: number;
  readonly answers: readonly ResponseRecord[];
  readonly authority: readonly ResponseRecord[];
}

export const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 };

const HEADER_BYTES = 12;
const OPT_TYPE = 41;
const CLASS_IN = 1;
/** Without EDNS no UDP answer may be longer. */
const PLAIN_UDP_BYTES = 512;
/** What AmazonProvidedDNS says that it takes, and the most that it sends over UDP. */
const EDNS_BYTES = 4096;
export const TCP_BYTES = 65_535;

/** Never throws. */
export function parseQuery(packet: Buffer): ParsedQuery {
  if (packet.length < HEADER_BYTES) return { kind: "ignore" };
  const id = packet.readUInt16BE(0);
  const flags = packet.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return { kind: "ignore" };
  try {
    if (packet.readUInt16BE(4) !== 1) return { kind: "malformed", id };
    const { name, end } = readQuestionName(packet);
    const edns = findEdns(packet, end + 4);
    const query = {
      id,
      opcode: (flags >> 11) & 0xf,
      recursionDesired: (flags & 0x0100) !== 0,
      checkingDisabled: (flags & 0x0010) !== 0,
      question: packet.subarray(HEADER_BYTES, end + 4),
      name,
      type: typeName(packet.readUInt16BE(end)),
      class: packet.readUInt16BE(end + 2),
    };
    return { kind: "query", query: edns === undefined ? query : { ...query, edns } };
  } catch (error) {
    // Reads past the end throw; anything else would be a bug of ours.
    if (error instanceof RangeError) return { kind: "malformed", id };
    throw error;
  }
}

/** A question's name is never compressed. Throws RangeError for one that is, or that is too long. */
function readQuestionName(packet: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  for (;;) {
    const length = packet.readUInt8(offset);
    offset += 1;
    if (length === 0) break;
    if (length > 63 || offset + length > packet.length || offset - HEADER_BYTES + length > 254) {
      throw new RangeError("not a name");
    }
    const label = packet.toString("latin1", offset, offset + length).toLowerCase();
    labels.push(label.replace(/[.\\]/g, (character) => (character === "." ? "\\056" : "\\134")));
    offset += length;
  }
  return { name: `${labels.join(".")}.`, end: offset };
}

function findEdns(packet: Buffer, start: number): Query["edns"] {
  let offset = start;
  const records = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  for (let i = 0; i < records; i++) {
    offset = skipName(packet, offset);
    const type = packet.readUInt16BE(offset);
    if (type === OPT_TYPE) {
      return {
        payloadSize: packet.readUInt16BE(offset + 2),
        version: packet.readUInt8(offset + 5),
        dnssecOk: (packet.readUInt16BE(offset + 6) & 0x8000) !== 0,
      };
    }
    offset += 10 + packet.readUInt16BE(offset + 8);
  }
  return undefined;
}

function skipName(packet: Buffer, start: number): number {
  for (let offset = start; ; ) {
    const length = packet.readUInt8(offset);
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2;
    offset += 1 + length;
  }
}

/** How long a UDP answer to the query may be. */
export function udpLimit(query: Query): number {
  if (query.edns === undefined) return PLAIN_UDP_BYTES;
  return Math.min(Math.max(query.edns.payloadSize, PLAIN_UDP_BYTES), EDNS_BYTES);
}

/** At most `limit` bytes: records that do not fit are left out, and the truncation bit says so. */
export function encodeResponse(query: Query, response: Response, limit: number): Buffer {
  const opt = query.edns === undefined ? undefined : encodeOpt(query.edns, response.code);
  const writer = new RecordWriter(query, limit - (opt?.length ?? 0));
  const answers = writer.write(response.answers);
  // Authority is a help, not the answer: when it does not fit, nothing is missing.
  const authority = answers.complete ? writer.write(response.authority) : { written: 0, complete: true };
  const packet = Buffer.concat([writer.bytes(), ...(opt === undefined ? [] : [opt])]);
  packet.writeUInt16BE(query.id, 0);
  packet.writeUInt16BE(headerFlags(query, response.code & 0xf, !answers.complete), 2);
  packet.writeUInt16BE(1, 4);
  packet.writeUInt16BE(answers.written, 6);
  packet.writeUInt16BE(authority.written, 8);
  packet.writeUInt16BE(opt === undefined ? 0 : 1, 10);
  return packet;
}

/** For a query of which only the id could be read. */
export function encodeFormatError(id: number): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES);
  packet.writeUInt16BE(id, 0);
  packet.writeUInt16BE(0x8080 | CODES.FORMERR, 2);
  return packet;
}

function headerFlags(query: Query, code: number, truncated: boolean): number {
  return (
    0x8080 | // a response, recursion available
    (query.opcode << 11) |
    (truncated ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    (query.checkingDisabled ? 0x0010 : 0) |
    code
  );
}

function encodeOpt(edns: NonNullable<Query["edns"]>, code: number): Buffer {
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(OPT_TYPE, 1);
  opt.writeUInt16BE(EDNS_BYTES, 3);
  opt.writeUInt8(code >> 4, 5);
  opt.writeUInt16BE(edns.dnssecOk ? 0x8000 : 0, 7);
  return opt;
}

/** Header and question, then records, each owner name as a pointer where its end was written before. */
class RecordWriter {
  readonly #parts: Buffer[];
  readonly #limit: number;
  /** Where a name, lower case with its trailing dot, was written. */
  readonly #offsets = new Map<string, number>();
  #length: number;

  constructor(query: Query, limit: number) {
    this.#parts = [Buffer.alloc(HEADER_BYTES), query.question];
    this.#length = HEADER_BYTES + query.question.length;
    this.#limit = limit;
    this.#remember(query.name, HEADER_BYTES);
  }

  write(records: readonly ResponseRecord[]): { written: number; complete: boolean } {
    let written = 0;
    for (const record of records) {
      const data = encodeRecordData(record.type, record.value);
      const type = typeNumber(record.type);
      const owner = this.#encodeOwner(record.name);
      if (data === undefined || type === undefined || owner === undefined) continue;
      if (this.#length + owner.length + 10 + data.length > this.#limit) return { written, complete: false };
      const fixed = Buffer.alloc(10);
      fixed.writeUInt16BE(type, 0);
      fixed.writeUInt16BE(CLASS_IN, 2);
      fixed.writeUInt32BE(record.ttlSeconds, 4);
      fixed.writeUInt16BE(data.length, 8);
      this.#remember(record.name, this.#length);
      // The target of an alias is most often the next owner name.
      if (record.type === "CNAME") this.#remember(dotted(record.value), this.#length + owner.length + 10);
      this.#parts.push(owner, fixed, data);
      this.#length += owner.length + 10 + data.length;
      written += 1;
    }
    return { written, complete: true };
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #encodeOwner(name: string): Buffer | undefined {
    const known = this.#offsets.get(name);
    if (known === undefined) return encodeName(name);
    const pointer = Buffer.alloc(2);
    pointer.writeUInt16BE(0xc000 | known, 0);
    return pointer;
  }

  /** Also of each name that it ends with. A pointer reaches 14 bits far. */
  #remember(name: string, start: number): void {
    let offset = start;
    for (let rest = name; rest !== "." && rest !== "" && offset < 0x4000; ) {
      if (this.#offsets.has(rest)) return;
      this.#offsets.set(rest, offset);
      const label = rest.slice(0, rest.indexOf("."));
      offset += 1 + label.replace(/\\[0-3][0-7]{2}/g, "x").length;
      rest = rest.slice(rest.indexOf(".") + 1);
    }
  }
}

function dotted(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}
