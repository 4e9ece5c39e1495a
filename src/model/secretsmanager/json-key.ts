/** One member of a secret that is a JSON object, as the Amazon ECS agent reads and prints it (its `asm` package). */
import { failure, type Result, success } from "../../lib/result.ts";

/** The failure is the agent's text. */
export function jsonKeyOf(text: string, key: string): Result<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failure(syntaxProblem(text));
  }
  const type = typeof value === "boolean" ? "bool" : Array.isArray(value) ? "array" : typeof value;
  if (type !== "object")
    return failure(`json: cannot unmarshal ${type} into Go value of type map[string]interface {}`);
  const members = new Map(Object.entries(value ?? {}));
  return members.has(key)
    ? success(printed(members.get(key)))
    : failure(`retrieved secret from Secrets Manager did not contain json key ${key}`);
}

/** Go's words for the usual case, a secret that is plain text; elsewhere it ends too early. */
function syntaxProblem(text: string): string {
  const first = text.trimStart().charAt(0);
  return first === "" || /[{["\d-]/.test(first)
    ? "unexpected end of JSON input"
    : `invalid character '${first}' looking for beginning of value`;
}

/** Go's `%v`. */
function printed(value: unknown): string {
  if (value === null) return "<nil>";
  if (typeof value === "number") return printedNumber(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${printed(member)}`).join(" ")}]`;
}

/** All numbers are floating point there: a million is `1e+06`. */
function printedNumber(value: number): string {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return value.toString();
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
