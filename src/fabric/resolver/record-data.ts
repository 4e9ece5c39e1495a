/** A record's value in presentation form, as the bytes of its RDATA. */
import { isIPv4, isIPv6 } from "node:net";
import { characterStrings } from "../../lib/dns/character-strings.ts";

/** Numbers of the types that can be asked for and answered ("Resource Record (RR) TYPEs", IANA). */
const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  SSHFP: 44,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  ANY: 255,
  CAA: 257,
};

const TYPE_NAMES = new Map(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name]));

export function typeNumber(name: string): number | undefined {
  return TYPE_NUMBERS[name];
}

/** `TYPE<number>` for types without a name here: no zone has records of them. */
export function typeName(number: number): string {
  return TYPE_NAMES.get(number) ?? `TYPE${number}`;
}

/** Undefined when the value does not fit its type, or the type is one that the resolver does not serve. */
export function encodeRecordData(type: string, value: string): Buffer | undefined {
  const fields = value.trim().split(/\s+/);
  switch (type) {
    case "A":
      return isIPv4(value) ? Buffer.from(value.split(".").map(Number)) : undefined;
    case "AAAA":
      return isIPv6(value) ? encodeIPv6(value) : undefined;
    case "NS":
    case "CNAME":
    case "PTR":
      return encodeName(value);
    case "TXT":
    case "SPF":
      return encodeStrings(characterStrings(value));
    case "MX":
      return join([uint16(fields[0]), encodeName(fields[1])]);
    case "SRV":
      return join([uint16(fields[0]), uint16(fields[1]), uint16(fields[2]), encodeName(fields[3])]);
    case "SOA":
      return join([
        encodeName(fields[0]),
        encodeName(fields[1]),
        ...[2, 3, 4, 5, 6].map((i) => uint32(fields[i])),
      ]);
    case "CAA":
      return encodeCaa(value);
    default:
      return undefined;
  }
}

/** Labels with their lengths, uncompressed; `\ooo` in a label is one byte. Undefined when it is no name. */
export function encodeName(name: string | undefined): Buffer | undefined {
  if (name === undefined) return undefined;
  const parts: Buffer[] = [];
  for (const label of name === "." ? [] : name.replace(/\.$/, "").split(".")) {
    const text = label.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const bytes = Buffer.from(text, "latin1");
    if (bytes.length === 0 || bytes.length > 63) return undefined;
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  parts.push(Buffer.from([0]));
  const encoded = Buffer.concat(parts);
  return encoded.length > 255 ? undefined : encoded;
}

function encodeStrings(strings: readonly string[] | undefined): Buffer | undefined {
  if (strings === undefined) return undefined;
  const parts = strings.map((text) => Buffer.from(text, "latin1"));
  if (parts.some((part) => part.length > 255)) return undefined;
  return Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), part]));
}

function encodeCaa(value: string): Buffer | undefined {
  const match = /^(\d{1,3})\s+([a-zA-Z0-9]+)\s+(".*")$/.exec(value);
  const [text] = characterStrings(match?.[3] ?? "") ?? [];
  if (match === null || text === undefined || Number(match[1]) > 255) return undefined;
  const tag = Buffer.from(match[2] ?? "", "latin1");
  return Buffer.concat([Buffer.from([Number(match[1]), tag.length]), tag, Buffer.from(text, "latin1")]);
}

function encodeIPv6(address: string): Buffer {
  const tail = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const [a = 0, b = 0, c = 0, d = 0] = (tail ?? "").split(".").map(Number);
  const words = tail === undefined ? "" : `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  const plain = tail === undefined ? address : address.slice(0, -tail.length) + words;
  const [head = "", rest] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const bytes = Buffer.alloc(16);
  for (const [i, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  return bytes;
}

function uint16(text: string | undefined): Buffer | undefined {
  return unsigned(text, 2);
}

function uint32(text: string | undefined): Buffer | undefined {
  return unsigned(text, 4);
}

function unsigned(text: string | undefined, size: number): Buffer | undefined {
  const number = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || number >= 256 ** size) return undefined;
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(number, 0, size);
  return bytes;
}

function join(parts: readonly (Buffer | undefined)[]): Buffer | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === parts.length ? Buffer.concat(present) : undefined;
}
