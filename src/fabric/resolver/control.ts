/** What Berth and its resolver process say to each other: a JSON object a line, over a unix socket. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { DnsView } from "../fabric.ts";

export const DNS_PORT = 53;

export type ControlRequest =
  | { readonly kind: "hello" }
  /** Replaces the view of a VPC. */
  | { readonly kind: "apply"; readonly view: DnsView }
  | { readonly kind: "remove"; readonly vpcId: string }
  | { readonly kind: "observe" }
  /** The process unbinds everything and ends. */
  | { readonly kind: "stop" };

export interface Numbered<T> {
  readonly id: number;
  readonly message: T;
}

export type ControlReply =
  | { readonly kind: "hello"; readonly codeVersion: string; readonly processId: number }
  | { readonly kind: "done" }
  | { readonly kind: "views"; readonly vpcIds: readonly string[] }
  | { readonly kind: "failed"; readonly reason: string };

/** What the child inside a namespace tells the resolver process; `udp` and `tcp` come with a handle. */
export type BindReport =
  | { readonly kind: "udp"; readonly address: string }
  | { readonly kind: "tcp"; readonly address: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

/** Differs when the code that the process runs differs: an old process is then replaced by a new one. */
export function codeVersion(): string {
  const hash = createHash("sha256").update(process.version);
  for (const folder of [new URL("./", import.meta.url), new URL("../../lib/dns/", import.meta.url)]) {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith(".ts") && !file.endsWith(".test.ts"))
        hash.update(readFileSync(new URL(file, folder)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Splits a stream of text into its lines; what comes after the last line break waits for more. */
export function lineReader(onLine: (line: string) => void): (chunk: string) => void {
  let parts: string[] = [];
  return (chunk) => {
    const lines = chunk.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      onLine(parts.join("") + line);
      parts = [];
    }
    if (last !== "") parts.push(last);
  };
}
