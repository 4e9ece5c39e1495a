/**
 * Regular expressions of cluster queries: the part of Java's syntax that can be matched in time proportional to
 * pattern × text (Thompson's construction), because patterns come from users. No look-around, no back references.
 */
import { failure, type Result, success } from "../../../lib/result.ts";

/** Nodes that a pattern may come to, counted repetitions written out. */
const LARGEST_PATTERN = 5000;

/** Texts whose answer is kept, per pattern. */
const MOST_REMEMBERED = 1000;

type CharTest = (char: string) => boolean;

type Node =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "anchor"; readonly at: "start" | "end" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | {
      readonly kind: "repeat";
      readonly part: Node;
      readonly least: number;
      readonly most: number | undefined;
    };

type State =
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "char"; readonly test: CharTest; next: number }
  | { readonly kind: "anchor"; readonly at: "start" | "end"; next: number }
  | { readonly kind: "match" };

export interface Pattern {
  /** Whether the whole text is of that form. */
  matches(text: string): boolean;
}

class PatternError extends Error {}

export function compilePattern(source: string): Result<Pattern, string> {
  try {
    const states = build(new PatternReader(source).read());
    return success({ matches: remembering((text) => run(states, text)) });
  } catch (error) {
    if (error instanceof PatternError) return failure(error.message);
    throw error;
  }
}

/** Attributes of many instances have few values. */
function remembering(matches: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const matched = known.get(text) ?? matches(text);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, matched);
    return matched;
  };
}

class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#chars = [...source];
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#chars.length) this.#fail("unmatched ')'");
    return node;
  }

  #choice(): Node {
    const parts = [this.#sequence()];
    while (this.#skip("|")) parts.push(this.#sequence());
    return { kind: "choice", parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      const char = this.#chars[this.#at];
      if (char === undefined || char === "|" || char === ")") return { kind: "sequence", parts };
      parts.push(this.#repeated(this.#atom()));
    }
  }

  #repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      const count = this.#count();
      if (count === undefined) return node;
      // Lazy and possessive forms are read; whether the whole text matches is the same for lazy ones.
      this.#skip("?");
      if (this.#chars[this.#at] === "+") this.#fail("possessive quantifiers are not supported");
      node = { kind: "repeat", part: node, ...count };
    }
  }

  #count(): { readonly least: number; readonly most: number | undefined } | undefined {
    if (this.#skip("*")) return { least: 0, most: undefined };
    if (this.#skip("+")) return { least: 1, most: undefined };
    if (this.#skip("?")) return { least: 0, most: 1 };
    if (!this.#skip("{")) return undefined;
    const close = this.#chars.indexOf("}", this.#at);
    const text = this.#chars.slice(this.#at, close < 0 ? undefined : close).join("");
    const found = /^(\d{1,4})(,(\d{1,4})?)?$/.exec(text);
    if (close < 0 || found === null) return this.#fail("malformed '{' quantifier");
    this.#at = close + 1;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === undefined ? undefined : Number(found[3]);
    if (most !== undefined && most < least) this.#fail("malformed '{' quantifier");
    return { least, most };
  }

  #atom(): Node {
    const char = this.#chars[this.#at] ?? "";
    this.#at++;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "char", test: this.#set() };
      case ".":
        return { kind: "char", test: (given) => given !== "\n" && given !== "\r" };
      case "^":
        return { kind: "anchor", at: "start" };
      case "$":
        return { kind: "anchor", at: "end" };
      case "*":
      case "+":
      case "?":
      case "{":
        return this.#fail(`dangling '${char}'`);
      case "\\":
        return { kind: "char", test: this.#escape() };
      default:
        return { kind: "char", test: (given) => given === char };
    }
  }

  #group(): Node {
    if (this.#skip("?") && !this.#skip(":")) this.#fail("only plain and (?:…) groups are supported");
    const node = this.#choice();
    if (!this.#skip(")")) this.#fail("unclosed '('");
    return node;
  }

  #escape(): CharTest {
    const char = this.#chars[this.#at];
    if (char === undefined) return this.#fail("nothing after '\\'");
    this.#at++;
    const test = CLASSES[char];
    if (test !== undefined) return test;
    if (/[A-Za-z0-9]/.test(char)) return this.#fail(`'\\${char}' is not supported`);
    return (given) => given === char;
  }

  #set(): CharTest {
    const negated = this.#skip("^");
    const tests: CharTest[] = [];
    for (let first = true; ; first = false) {
      const char = this.#chars[this.#at];
      if (char === undefined) return this.#fail("unclosed '['");
      this.#at++;
      if (char === "]" && !first) break;
      if (char === "[" || (char === "&" && this.#chars[this.#at] === "&")) {
        return this.#fail("sets within sets are not supported");
      }
      if (char === "\\") {
        tests.push(this.#escape());
        continue;
      }
      const high = this.#chars[this.#at + 1];
      if (this.#chars[this.#at] === "-" && high !== undefined && high !== "]") {
        this.#at += 2;
        if (high < char) this.#fail(`'${char}-${high}' is out of order`);
        tests.push((given) => given >= char && given <= high);
      } else {
        tests.push((given) => given === char);
      }
    }
    return (given) => tests.some((test) => test(given)) !== negated;
  }

  #skip(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #fail(reason: string): never {
    throw new PatternError(reason);
  }
}

const isDigit: CharTest = (char) => char >= "0" && char <= "9";
const isWord: CharTest = (char) => /^[A-Za-z0-9_]$/.test(char);
const isSpace: CharTest = (char) => " \t\n\v\f\r".includes(char);

const CLASSES: Readonly<Record<string, CharTest>> = {
  d: isDigit,
  D: (char) => !isDigit(char),
  w: isWord,
  W: (char) => !isWord(char),
  s: isSpace,
  S: (char) => !isSpace(char),
  t: (char) => char === "\t",
  n: (char) => char === "\n",
};

/** State 0 is the match; the start is the last one. */
function build(node: Node): State[] {
  const states: State[] = [{ kind: "match" }];
  const add = (state: State): number => {
    if (states.length >= LARGEST_PATTERN) throw new PatternError("the pattern is too large");
    return states.push(state) - 1;
  };
  let links = 0;
  const link = (part: Node, next: number): number => {
    // Repetitions of nothing add no states, but they take time.
    if (++links > 4 * LARGEST_PATTERN) throw new PatternError("the pattern is too large");
    switch (part.kind) {
      case "char":
        return add({ kind: "char", test: part.test, next });
      case "anchor":
        return add({ kind: "anchor", at: part.at, next });
      case "sequence":
        return part.parts.reduceRight((after, piece) => link(piece, after), next);
      case "choice":
        return part.parts
          .map((piece) => link(piece, next))
          .reduce((one, other) => add({ kind: "split", next: one, other }));
      case "repeat":
        return repeat(part, next);
    }
  };
  const repeat = (part: Extract<Node, { kind: "repeat" }>, next: number): number => {
    let after = next;
    if (part.most === undefined) {
      const loop: State = { kind: "split", next: 0, other: next };
      after = add(loop);
      loop.next = link(part.part, after);
    } else {
      for (let i = part.least; i < part.most; i++) {
        after = add({ kind: "split", next: link(part.part, after), other: next });
      }
    }
    for (let i = 0; i < part.least; i++) after = link(part.part, after);
    return after;
  };
  const start = link(node, 0);
  add({ kind: "split", next: start, other: start });
  return states;
}

function run(states: readonly State[], text: string): boolean {
  const chars = [...text];
  let active = new Set<number>();
  const follow = (start: number, position: number, into: Set<number>): void => {
    const waiting = [start];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (into.has(index)) continue;
      into.add(index);
      const state = states[index];
      if (state?.kind === "split") waiting.push(state.next, state.other);
      if (state?.kind === "anchor" && position === (state.at === "start" ? 0 : chars.length)) {
        waiting.push(state.next);
      }
    }
  };
  follow(states.length - 1, 0, active);
  for (const [position, char] of chars.entries()) {
    const following = new Set<number>();
    for (const index of active) {
      const state = states[index];
      if (state?.kind === "char" && state.test(char)) follow(state.next, position + 1, following);
    }
    if (following.size === 0) return false;
    active = following;
  }
  return active.has(0);
}
