/**
 * A JSON text, token by token, with the place that EventBridge's messages name: its reader looks at a field's value
 * together with the name, and reads a string no further than its first quote until it is asked for.
 */

export type TokenKind =
  | "{"
  | "}"
  | "["
  | "]"
  | "name"
  | "string"
  | "number"
  | "true"
  | "false"
  | "null"
  | "end";

/** What is wrong with a pattern, in EventBridge's words. */
export class PatternFault extends Error {}

interface Open {
  readonly kind: "{" | "[";
  readonly at: number;
  empty: boolean;
}

const MOST_SHOWN = 500;
const LITERALS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export class PatternTokens {
  readonly #source: string;
  readonly #open: Open[] = [];
  #at = 0;
  #text = "";
  /** A string whose first quote alone was read. */
  #unread = false;
  /** The value of the field whose name was read. */
  #next: TokenKind | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  /** Throws PatternFault where the text is no JSON. */
  next(): TokenKind {
    if (this.#unread && this.#next === undefined) this.#readString();
    const pending = this.#next;
    this.#next = undefined;
    return pending ?? this.#advance();
  }

  /** Of the token that was read last. */
  text(): string {
    if (this.#unread && this.#next === undefined) this.#readString();
    return this.#text;
  }

  fault(message: string): PatternFault {
    return new PatternFault(`${message}${this.#place(this.#at)}`);
  }

  #advance(): TokenKind {
    this.#skipSpace();
    const open = this.#open.at(-1);
    if (open === undefined) return this.#at < this.#source.length ? this.#value() : "end";
    const close = open.kind === "{" ? "}" : "]";
    const next = this.#peek(open);
    if (next === close) {
      this.#at++;
      this.#open.pop();
      this.#text = close;
      return close;
    }
    if (!open.empty) {
      const owner = open.kind === "{" ? "Object" : "Array";
      if (next !== ",") throw this.#unexpected(`was expecting comma to separate ${owner} entries`);
      this.#at++;
      this.#skipSpace();
      this.#peek(open);
    }
    open.empty = false;
    return open.kind === "{" ? this.#name(open) : this.#value();
  }

  #name(open: Open): TokenKind {
    if (this.#source[this.#at] !== '"') {
      throw this.#unexpected("was expecting double-quote to start field name");
    }
    this.#at++;
    this.#readString();
    const name = this.#text;
    this.#skipSpace();
    if (this.#peek(open) !== ":") {
      throw this.#unexpected("was expecting a colon to separate field name and value");
    }
    this.#at++;
    this.#skipSpace();
    this.#peek(open);
    this.#next = this.#value();
    this.#text = name;
    return "name";
  }

  #value(): TokenKind {
    const first = this.#source.charAt(this.#at);
    if (first === "{" || first === "[") {
      this.#open.push({ kind: first, at: this.#at, empty: true });
      this.#at++;
      this.#text = first;
      return first;
    }
    if (first === '"') {
      this.#at++;
      this.#unread = true;
      return "string";
    }
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) {
      this.#text = number;
      return "number";
    }
    const word = this.#match(/[A-Za-z_$][\w$]*/y);
    if (word === undefined) throw this.#unexpected(`expected a valid value ${LITERALS}`);
    this.#text = word;
    if (word === "true" || word === "false" || word === "null") return word;
    throw this.fault(`Unrecognized token '${word}': was expecting ${LITERALS}`);
  }

  #readString(): void {
    this.#unread = false;
    const raw = this.#match(/(?:[^"\\]|\\[\s\S])*/y) ?? "";
    if (this.#source[this.#at] !== '"') {
      throw this.fault("Unexpected end-of-input: was expecting closing quote for a string value");
    }
    this.#at++;
    try {
      this.#text = String(JSON.parse(`"${raw}"`));
    } catch {
      throw this.fault("Unrecognized character escape or control character in a string value");
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  /** The character to come. Throws PatternFault at the end of the text. */
  #peek(open: Open): string {
    const next = this.#source[this.#at];
    if (next !== undefined) return next;
    const owner = open.kind === "{" ? "Object" : "Array";
    const start = this.#place(open.at).trimStart();
    throw this.fault(`Unexpected end-of-input: expected close marker for ${owner} (start marker ${start})`);
  }

  #unexpected(expected: string): PatternFault {
    const found = this.#source.charAt(this.#at);
    const message = `Unexpected character ('${found}' (code ${found.charCodeAt(0)})): ${expected}`;
    return new PatternFault(`${message}${this.#place(this.#at)}`);
  }

  #place(at: number): string {
    const before = this.#source.slice(0, at).split(/\r\n|[\r\n]/);
    const more = this.#source.length - MOST_SHOWN;
    const shown = `"${this.#source.slice(0, MOST_SHOWN)}"${more > 0 ? `[truncated ${more} chars]` : ""}`;
    const column = (before.at(-1)?.length ?? 0) + 1;
    return `\n at [Source: (String)${shown}; line: ${before.length}, column: ${column}]`;
  }
}
