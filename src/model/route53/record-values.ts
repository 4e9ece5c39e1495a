/** Which values a record of a type may have, and how Route 53 words what is wrong with one. */
import { isIPv4, isIPv6 } from "node:net";
import { characterStrings } from "../../lib/dns/character-strings.ts";
import { nameFault } from "./domain-names.ts";

export const RECORD_TYPES = [
  "SOA",
  "A",
  "TXT",
  "NS",
  "CNAME",
  "MX",
  "NAPTR",
  "PTR",
  "SRV",
  "SPF",
  "AAAA",
  "CAA",
  "DS",
  "TLSA",
  "SSHFP",
  "SVCB",
  "HTTPS",
] as const;

const LONGEST_CHARACTER_STRING = 255;

/** `Invalid Resource Record: 'FATAL problem: …'`, or undefined for a good value. */
export function valueFault(type: string, value: string): string | undefined {
  const fault = typedFault(type, value);
  return fault === undefined ? undefined : `Invalid Resource Record: '${fault}'`;
}

function typedFault(type: string, value: string): string | undefined {
  switch (type) {
    case "A":
      return isIPv4(value)
        ? undefined
        : problem("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", value);
    case "AAAA":
      return isIPv6(value)
        ? undefined
        : problem("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", value);
    case "CNAME":
    case "NS":
    case "PTR":
      return nameFault(value);
    case "TXT":
    case "SPF":
      return textFault(value);
    case "MX":
      return fieldsFault(value, "MX", "Two", [UINT16, "name"]);
    case "SRV":
      return fieldsFault(value, "SRV", "Four", [UINT16, UINT16, UINT16, "name"]);
    case "SOA":
      return fieldsFault(value, "SOA", "Seven", ["name", "name", UINT32, UINT32, UINT32, UINT32, UINT32]);
    case "CAA":
      return /^\d{1,3}\s+[a-zA-Z0-9]+\s+".*"$/.test(value)
        ? undefined
        : problem("CAARRDATANotThreeFields", "Value must contain three fields", value);
    default:
      return undefined;
  }
}

type Field = "name" | { readonly most: number };
const UINT16: Field = { most: 65_535 };
const UINT32: Field = { most: 4_294_967_295 };

function fieldsFault(
  value: string,
  type: string,
  count: string,
  fields: readonly Field[],
): string | undefined {
  const parts = value.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return problem(
      `${type}RRDATANot${count}Fields`,
      `Value must contain ${count.toLowerCase()} fields`,
      value,
    );
  }
  for (const [position, field] of fields.entries()) {
    const part = parts[position] ?? "";
    if (field === "name") {
      // `.` alone is the root: a null MX or SRV target.
      const fault = part === "." ? undefined : nameFault(part);
      if (fault !== undefined) return fault;
    } else if (!/^\d+$/.test(part) || Number(part) > field.most) {
      return problem(`${type}RRDATAIllegalNumber`, "Value is not a number in range", part);
    }
  }
  return undefined;
}

/** One or more strings in quotation marks, of at most 255 characters each. */
function textFault(value: string): string | undefined {
  const strings = characterStrings(value);
  if (strings === undefined) {
    return problem("InvalidCharacterString", "Value should be enclosed in quotation marks", value);
  }
  return strings.some((text) => text.length > LONGEST_CHARACTER_STRING)
    ? problem("CharacterStringTooLong", "Value is too long", value)
    : undefined;
}

function problem(code: string, words: string, value: string): string {
  return `FATAL problem: ${code} (${words}) encountered with '${value}'`;
}
