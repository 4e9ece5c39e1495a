/**
 * A stand-in for Fluent Bit: reads the configuration where Fluent Bit's image has it, takes records by the forward
 * protocol as its inputs say, passes them through its filters, and prints those that reach an output `stdout`, each as a
 * line of JSON with the output's own options.
 */
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";

const CONFIGURATION = "/fluent-bit/etc/fluent-bit.conf";

/** Sections in order, with settings by their lower-case names; `record` may come several times. */
function parse(text) {
  const sections = [];
  for (const line of text.split("\n")) {
    const [word = "", ...others] = line.trim().split(/\s+/);
    const value = others.join(" ").replaceAll(/\$\{(\w+)\}/g, (_, name) => process.env[name] ?? "");
    if (word === "@INCLUDE") sections.push(...parse(readFileSync(value, "utf8")));
    else if (/^\[\w+\]$/.test(word)) sections.push({ kind: word.slice(1, -1), settings: new Map(), records: [] });
    else if (word.toLowerCase() === "record") sections.at(-1).records.push(others);
    else if (word !== "") sections.at(-1).settings.set(word.toLowerCase(), value);
  }
  return sections;
}

class Incomplete extends Error {}

/** MessagePack, as much as the forward protocol has of it. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new Incomplete();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  number(size) {
    return this.take(size).readUIntBE(0, size);
  }

  text(length) {
    return this.take(length).toString("utf8");
  }

  array(length) {
    return Array.from({ length }, () => this.value());
  }

  map(length) {
    return Object.fromEntries(Array.from({ length }, () => [this.value(), this.value()]));
  }

  extension(length) {
    const type = this.number(1);
    const body = this.take(length);
    // EventTime: seconds and nanoseconds.
    return type === 0 && length === 8 ? body.readUInt32BE(0) + body.readUInt32BE(4) / 1e9 : null;
  }

  value() {
    const code = this.number(1);
    if (code < 0x80) return code;
    if (code < 0x90) return this.map(code & 15);
    if (code < 0xa0) return this.array(code & 15);
    if (code < 0xc0) return this.text(code & 31);
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return code === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.text(this.number(2 ** (code - 0xc4)));
      case 0xc7:
        return this.extension(this.number(1));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.number(2 ** (code - 0xcc));
      case 0xcf:
        return Number(this.take(8).readBigUInt64BE());
      case 0xd3:
        return Number(this.take(8).readBigInt64BE());
      case 0xd7:
        return this.extension(8);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.number(2 ** (code - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.array(this.number(2 * (code - 0xdb)));
      case 0xde:
      case 0xdf:
        return this.map(this.number(2 * (code - 0xdd)));
      default:
        throw new Error(`MessagePack code ${code} is not read here`);
    }
  }
}

const matches = (pattern, tag) =>
  new RegExp(`^${pattern.split("*").map(RegExp.escape ?? ((part) => part)).join(".*")}$`).test(tag);

/** The record, or undefined when a filter drops it. */
function filtered(filters, tag, record) {
  let result = record;
  for (const { settings, records } of filters) {
    if (!matches(settings.get("match"), tag)) continue;
    if (settings.get("name") === "record_modifier") {
      result = { ...result, ...Object.fromEntries(records.map(([key, ...value]) => [key, value.join(" ")])) };
    }
    for (const [word, keeps] of [["regex", true], ["exclude", false]]) {
      const [key, ...expression] = settings.get(word)?.split(" ") ?? [];
      if (key !== undefined && new RegExp(expression.join(" ")).test(result[key]) !== keeps) return undefined;
    }
  }
  return result;
}

const sections = parse(readFileSync(CONFIGURATION, "utf8"));
const of = (kind) => sections.filter((section) => section.kind === kind);

function route(tag, time, record, input) {
  const result = filtered(of("FILTER"), tag, record);
  if (result === undefined) return;
  for (const { settings } of of("OUTPUT")) {
    if (settings.get("name") !== "stdout" || !matches(settings.get("match"), tag)) continue;
    console.log(JSON.stringify({ tag, time, input, output: Object.fromEntries(settings), record: result }));
  }
}

function serve(input) {
  return createServer((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (more) => {
      bytes = Buffer.concat([bytes, more]);
      const reader = new Reader(bytes);
      try {
        while (reader.at < bytes.length) {
          const [tag, time, record] = reader.value();
          route(tag, time, record, input);
          bytes = bytes.subarray(reader.at);
          reader.bytes = bytes;
          reader.at = 0;
        }
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
      }
    });
  });
}

process.on("SIGTERM", () => process.exit(0));
for (const { settings } of of("INPUT")) {
  const path = settings.get("unix_path");
  if (path !== undefined) {
    rmSync(path, { force: true });
    serve("socket").listen(path);
  } else if (settings.get("name") === "forward") {
    serve("port").listen(Number(settings.get("port")), settings.get("listen"));
  } else {
    createServer((socket) => socket.resume()).listen(Number(settings.get("port")), settings.get("listen"));
  }
}
