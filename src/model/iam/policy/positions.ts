/** Where a statement stands in the text of its document. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface Span {
  readonly start: Position;
  /** Just after its last character. */
  readonly end: Position;
}

/** @param index from 0. The text must be JSON; undefined when it has no such statement. */
export function spanOfStatement(text: string, index: number): Span | undefined {
  const from = valueOfStatement(text);
  if (from === undefined) return undefined;
  const spans = text[from] === "[" ? elements(text, from) : [[from, endOf(text, from)] as const];
  const found = spans[index];
  return found === undefined
    ? undefined
    : { start: positionAt(text, found[0]), end: positionAt(text, found[1]) };
}

/** Offset of the value of the document's own `Statement`. */
function valueOfStatement(text: string): number | undefined {
  let at = skipBlank(text, 0) + 1;
  while (at < text.length) {
    at = skipBlank(text, at);
    if (text[at] !== '"') {
      at += 1;
      continue;
    }
    const end = endOf(text, at);
    const key = text.slice(at + 1, end - 1);
    at = skipBlank(text, skipBlank(text, end) + 1);
    if (key === "Statement") return at;
    at = endOf(text, at);
  }
  return undefined;
}

function elements(text: string, from: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let at = skipBlank(text, from + 1);
  while (at < text.length && text[at] !== "]") {
    const end = endOf(text, at);
    found.push([at, end]);
    at = skipBlank(text, end);
    if (text[at] === ",") at = skipBlank(text, at + 1);
  }
  return found;
}

/** Just after the value that begins at `from`. */
function endOf(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== "{" && first !== "[") {
    let at = from;
    while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at += 1;
    return Math.max(at, from + 1);
  }
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
