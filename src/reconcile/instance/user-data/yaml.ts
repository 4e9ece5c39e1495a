/**
 * YAML as `#cloud-config` is written: mappings and lists in blocks or in `[…]` and `{…}`, plain, quoted and block
 * scalars, comments. No anchors, tags or several documents. Pure.
 */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMap;
export interface YamlMap {
  readonly [key: string]: YamlValue;
}

export class YamlError extends Error {}

interface Line {
  readonly indent: number;
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** Throws YamlError, which tells the line. */
export function parseYaml(text: string): YamlValue {
  return new BlockReader(text).read();
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[\]{}#&*!|>%@`-][^#]*?|-[^\s#][^#]*?):(?:\s+(.*)|)$/s;

class BlockReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.replaceAll("\r\n", "\n").split("\n");
  }

  read(): YamlValue {
    const first = this.#peek();
    if (first === undefined) return null;
    const value = this.#block(first.indent);
    const rest = this.#peek();
    if (rest !== undefined) throw new YamlError(`line ${rest.number}: unexpected "${rest.text}"`);
    return value;
  }

  /** The next line that says something. */
  #peek(): Line | undefined {
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#lines[this.#at] ?? "";
      const text = raw.trim();
      if (text === "" || text.startsWith("#") || text === "---") continue;
      const indent = raw.length - raw.trimStart().length;
      if (raw.slice(0, indent).includes("\t")) {
        throw new YamlError(`line ${this.#at + 1}: found character '\\t' that cannot start any token`);
      }
      return { indent, text: raw.slice(indent).trimEnd(), number: this.#at + 1 };
    }
    return undefined;
  }

  #block(indent: number): YamlValue {
    const first = this.#peek();
    if (first === undefined) return null;
    if (isItem(first.text)) return this.#list(indent);
    if (KEY.test(withoutComment(first.text))) return this.#map(indent);
    this.#at++;
    return this.#scalar(first.text, indent - 1, first.number);
  }

  #list(indent: number): YamlValue[] {
    const items: YamlValue[] = [];
    for (let line = this.#peek(); line !== undefined && line.indent === indent; line = this.#peek()) {
      if (!isItem(line.text)) break;
      const rest = line.text.slice(1);
      const text = rest.trimStart();
      const inner = indent + 1 + rest.length - text.length;
      if (text === "" || text.startsWith("#")) {
        this.#at++;
        items.push(this.#nested(indent));
      } else if (isItem(text) || KEY.test(withoutComment(text))) {
        items.push(this.#inline(line, inner, text));
      } else {
        this.#at++;
        items.push(this.#scalar(text, indent, line.number));
      }
    }
    return items;
  }

  /** A mapping or list that begins behind the dash of its item. */
  #inline(line: Line, indent: number, text: string): YamlValue {
    const lines = [...this.#lines];
    lines[line.number - 1] = " ".repeat(indent) + text;
    const reader = new BlockReader(lines.join("\n"));
    reader.#at = line.number - 1;
    const value = reader.#block(indent);
    this.#at = reader.#at;
    return value;
  }

  #map(indent: number): YamlMap {
    const entries: [string, YamlValue][] = [];
    for (let line = this.#peek(); line !== undefined && line.indent === indent; line = this.#peek()) {
      const [, key, rest = ""] = KEY.exec(withoutComment(line.text)) ?? [];
      if (key === undefined) throw new YamlError(`line ${line.number}: could not find expected ':'`);
      this.#at++;
      const value = rest.trim() === "" ? this.#nested(indent, true) : this.#scalar(rest, indent, line.number);
      entries.push([String(scalarOf(key)), value]);
    }
    return Object.fromEntries(entries);
  }

  /** What is further in; a mapping's list may stand right under its key. */
  #nested(indent: number, ofKey = false): YamlValue {
    const next = this.#peek();
    if (next === undefined) return null;
    if (next.indent > indent) return this.#block(next.indent);
    return ofKey && next.indent === indent && isItem(next.text) ? this.#list(indent) : null;
  }

  #scalar(text: string, indent: number, number: number): YamlValue {
    const header = /^([|>])([+-]?)(\d?)([+-]?)\s*(?:#.*)?$/.exec(text);
    if (header !== null) return this.#blockScalar(header, indent);
    let whole = text;
    while (!isComplete(whole) || this.#goesOn(indent, whole)) {
      const next = this.#lines[this.#at];
      if (next === undefined) throw new YamlError(`line ${number}: unexpected end of stream`);
      this.#at++;
      whole += ` ${next.trim()}`;
    }
    const value = withoutComment(whole).trim();
    if (/^[[{]/.test(value)) return new FlowReader(value, number).read();
    if (/^[&*!]/.test(value)) throw new YamlError(`line ${number}: anchors, aliases and tags are not read`);
    return scalarOf(value);
  }

  /** A plain scalar goes on in lines that are further in than what it belongs to. */
  #goesOn(indent: number, text: string): boolean {
    if (/^["'[{]/.test(text)) return false;
    const next = this.#peek();
    return next !== undefined && next.indent > indent + 1 && !isItem(next.text) && !KEY.test(next.text);
  }

  #blockScalar([, style, before, width, after]: RegExpExecArray, parent: number): string {
    const lines: string[] = [];
    let indent = width === undefined || width === "" ? undefined : Math.max(parent, 0) + Number(width);
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#lines[this.#at] ?? "";
      const own = raw.length - raw.trimStart().length;
      if (raw.trim() === "") {
        lines.push(raw.slice(indent ?? own));
        continue;
      }
      if (own <= parent) break;
      indent ??= own;
      if (own < indent) break;
      lines.push(raw.slice(indent));
    }
    let blank = 0;
    while (lines.length > 0 && lines.at(-1)?.trim() === "") {
      lines.pop();
      blank++;
    }
    const body = style === ">" ? fold(lines) : lines.join("\n");
    const chomp = `${before}${after}`;
    if (chomp === "-" || body === "") return body;
    return chomp === "+" ? body + "\n".repeat(Math.max(1, blank)) : `${body}\n`;
  }
}

function isItem(text: string): boolean {
  return text === "-" || /^-\s/.test(text);
}

function fold(lines: readonly string[]): string {
  let text = "";
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before === undefined) text = line;
    else if (line === "" || /^\s/.test(line) || /^\s/.test(before)) text += `\n${line}`;
    else text += before === "" ? line : ` ${line}`;
  }
  return text;
}

/** Quotes and brackets are closed. */
function isComplete(text: string): boolean {
  if (/^["'[{]/.test(text) === false) return true;
  let quote = "";
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === '"' && char === "\\") at++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
  }
  return quote === "" && depth <= 0;
}

function withoutComment(text: string): string {
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === '"' && char === "\\") at++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if ((char === '"' || char === "'") && /^$|[\s,:[{-]$/.test(text.slice(0, at))) quote = char;
    else if (char === "#" && (at === 0 || /\s/.test(text.charAt(at - 1)))) return text.slice(0, at).trimEnd();
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0", e: "\u001b" };

function scalarOf(text: string): string | number | boolean | null {
  if (/^".*"$/s.test(text)) {
    return text
      .slice(1, -1)
      .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gs, (_whole, escaped: string) =>
        escaped.length > 1
          ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
          : (ESCAPES[escaped] ?? escaped),
      );
  }
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE|yes|Yes|on|On)$/.test(text)) return true;
  if (/^(?:false|False|FALSE|no|No|off|Off)$/.test(text)) return false;
  // As PyYAML: a leading zero is octal, and file modes are written so; those are read as text.
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `[a, "b", {c: d}]`. */
class FlowReader {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  read(): YamlValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error();
    return value;
  }

  #value(): YamlValue {
    this.#space();
    const char = this.#text.charAt(this.#at);
    if (char === "[") return this.#list();
    if (char === "{") return this.#map();
    return scalarOf(this.#word(/[,\]}]/));
  }

  #list(): YamlValue[] {
    const items: YamlValue[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#take("]")) return items;
      items.push(this.#value());
      this.#space();
      if (!this.#take(",") && this.#text.charAt(this.#at) !== "]") throw this.#error();
    }
  }

  #map(): YamlMap {
    const entries: [string, YamlValue][] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#take("}")) return Object.fromEntries(entries);
      const key = String(scalarOf(this.#word(/[:,}]/)));
      entries.push([key, this.#take(":") ? this.#value() : null]);
      this.#space();
      if (!this.#take(",") && this.#text.charAt(this.#at) !== "}") throw this.#error();
    }
  }

  #word(end: RegExp): string {
    const start = this.#at;
    const quote = this.#text.charAt(start);
    if (quote === '"' || quote === "'") {
      const [found] = (quote === '"' ? /^"(?:[^"\\]|\\.)*"/s : /^'(?:[^']|'')*'/s).exec(
        this.#text.slice(start),
      ) ?? [""];
      if (found === "") throw this.#error();
      this.#at += found.length;
      this.#space();
      return found;
    }
    while (this.#at < this.#text.length && !end.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at).trim();
  }

  #take(char: string): boolean {
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #error(): YamlError {
    return new YamlError(`line ${this.#line}: expected ',' or the end of the collection`);
  }
}
