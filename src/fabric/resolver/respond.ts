/** A query's bytes to its response's bytes, by the zones of one view. */
import { type Below, lookUp } from "../../lib/dns/lookup.ts";
import type { ZoneIndex } from "../../lib/dns/zones.ts";
import {
  CODES,
  encodeFormatError,
  encodeResponse,
  parseQuery,
  type Query,
  TCP_BYTES,
  udpLimit,
} from "./message.ts";

const OPCODE_QUERY = 0;
const CLASS_IN = 1;
const CLASS_ANY = 255;

/** Undefined: say nothing. */
export function respond(
  packet: Buffer,
  transport: "udp" | "tcp",
  index: ZoneIndex,
  below: Below,
): Buffer | undefined {
  const parsed = parseQuery(packet);
  switch (parsed.kind) {
    case "ignore":
      return undefined;
    case "malformed":
      return encodeFormatError(parsed.id);
    case "query":
      return encodeResponse(
        parsed.query,
        answer(parsed.query, index, below),
        transport === "tcp" ? TCP_BYTES : udpLimit(parsed.query),
      );
  }
}

function answer(query: Query, index: ZoneIndex, below: Below) {
  if (query.edns !== undefined && query.edns.version > 0) return empty(CODES.BADVERS);
  if (query.opcode !== OPCODE_QUERY) return empty(CODES.NOTIMP);
  if (query.class !== CLASS_IN && query.class !== CLASS_ANY) return empty(CODES.REFUSED);
  // A name that is in no zone here would be looked up in the internet's DNS by a VPC's resolver. There is no
  // internet behind this one: nothing that a VPC asks for leaves the machine, so the answer is "could not find out".
  const found = lookUp(index, query.name, query.type, below);
  return { code: CODES[found.code], answers: found.answers, authority: found.authority };
}

function empty(code: number) {
  return { code, answers: [], authority: [] };
}
