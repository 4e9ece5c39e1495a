/** User data taken apart as cloud-init does: gzip, MIME multipart, and what each part is by its first line. Pure. */
import { gunzipSync } from "node:zlib";

export type UserDataPart =
  | { readonly kind: "script"; readonly text: string }
  | { readonly kind: "boothook"; readonly text: string }
  | { readonly kind: "cloud-config"; readonly text: string }
  /** A form that cloud-init knows and Berth does not carry out. */
  | { readonly kind: "unsupported"; readonly type: string }
  /** Nothing that cloud-init would act on. */
  | { readonly kind: "unknown"; readonly text: string };

/** First lines and the content types that they stand for (cloud-init documentation, "User data formats"). */
const FIRST_LINES: readonly (readonly [start: string, type: string])[] = [
  ["#!", "text/x-shellscript"],
  ["#cloud-boothook", "text/cloud-boothook"],
  ["#cloud-config-archive", "text/cloud-config-archive"],
  ["#cloud-config", "text/cloud-config"],
  ["#include-once", "text/x-include-once-url"],
  ["#include", "text/x-include-url"],
  ["#part-handler", "text/part-handler"],
  ["## template: jinja", "text/jinja2"],
];

/** A bomb of this size is refused; EC2 takes 16 KB of user data. */
const MOST_BYTES = 1024 * 1024;

/** `userData` is base64, as EC2 keeps it. */
export function readUserData(userData: string | undefined): UserDataPart[] {
  if (userData === undefined || userData === "") return [];
  return readBody(unzip(Buffer.from(userData, "base64")).toString("utf8"));
}

function readBody(text: string): UserDataPart[] {
  const start = text.trimStart();
  if (/^(?:Content-Type:\s*multipart\/|MIME-Version:)/i.test(start)) return readMime(start);
  return start === "" ? [] : [partOf(undefined, text)];
}

function unzip(body: Buffer): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MOST_BYTES });
  } catch {
    return body;
  }
}

interface Entity {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

function readMime(text: string): UserDataPart[] {
  const { headers, body } = readEntity(text);
  const type = headers.get("content-type") ?? "text/plain";
  if (/^multipart\//i.test(type)) {
    return splitParts(body, boundaryOf(type)).flatMap((part) => readMime(part));
  }
  const decoded = unzip(decodeBody(body, headers.get("content-transfer-encoding"))).toString("utf8");
  if (decoded.trim() === "") return [];
  const given = (type.split(";")[0] ?? "").trim().toLowerCase();
  return [partOf(given, decoded)];
}

function readEntity(text: string): Entity {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const end = lines.indexOf("");
  const head = (end < 0 ? lines : lines.slice(0, end)).join("\n").replace(/\n[ \t]+/g, " ");
  const headers = new Map<string, string>();
  for (const line of head.split("\n")) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value.trim());
  }
  return { headers, body: end < 0 ? "" : lines.slice(end + 1).join("\n") };
}

function boundaryOf(type: string): string {
  const [, quoted, plain] = /boundary=(?:"([^"]*)"|([^;\s]+))/i.exec(type) ?? [];
  return quoted ?? plain ?? "";
}

function splitParts(body: string, boundary: string): string[] {
  const parts: string[][] = [];
  for (const line of body.split("\n")) {
    if (line.trimEnd() === `--${boundary}--`) break;
    if (line.trimEnd() === `--${boundary}`) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join("\n"));
}

function decodeBody(body: string, encoding: string | undefined): Buffer {
  switch (encoding?.toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64");
    case "quoted-printable":
      return Buffer.from(
        body
          .replace(/=\n/g, "")
          .replace(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
        "latin1",
      );
    default:
      return Buffer.from(body, "utf8");
  }
}

/** What a part says by its first line goes before a content type that says nothing. */
function partOf(given: string | undefined, text: string): UserDataPart {
  const start = text.trimStart();
  const byLine = FIRST_LINES.find(([line]) => start.startsWith(line))?.[1];
  const type = given === undefined || given === "text/plain" ? byLine : given;
  switch (type) {
    case "text/x-shellscript":
      return { kind: "script", text: start };
    case "text/cloud-boothook":
      return { kind: "boothook", text: start.replace(/^#cloud-boothook[^\n]*\n/, "") };
    case "text/cloud-config":
      return { kind: "cloud-config", text };
    case undefined:
      return { kind: "unknown", text };
    default:
      return { kind: "unsupported", type };
  }
}
