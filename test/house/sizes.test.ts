/** Files and functions stay small enough to be read whole. What is larger today may only shrink. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isTestCode, maskCode, readTree, type SourceFile } from "./source-tree.ts";

const LONGEST_FILE = 400;
const LONGEST_FUNCTION = 70;

/** Lines of files that are longer. A number may be lowered; none may be raised or added. */
const LONG_FILES: Readonly<Record<string, number>> = {
  "src/reconcile/task/task-reconciler.test.ts": 506,
  "test/linux/load-balancer.test.ts": 561,
};

/** Lines of functions that are longer, by `<file> <name>`. A number may be lowered; none may be raised or added. */
const LONG_FUNCTIONS: Readonly<Record<string, number>> = {};

interface FoundFunction {
  readonly name: string;
  readonly lines: number;
}

describe("sizes", () => {
  it(`no file is longer than ${LONGEST_FILE} lines`, () => {
    const lengths = new Map(sources().map((file) => [file.path, linesOf(file.text)]));
    assertRatchet(lengths, LONG_FILES, LONGEST_FILE);
  });

  it(`no function is longer than ${LONGEST_FUNCTION} lines`, () => {
    const lengths = new Map<string, number>();
    for (const file of sources()) {
      // A test's `describe` holds many functions, and is none itself.
      if (isTestCode(file.path)) continue;
      for (const { name, lines } of functionsOf(file.text)) {
        const key = `${file.path} ${name}`;
        lengths.set(key, Math.max(lengths.get(key) ?? 0, lines));
      }
    }
    assertRatchet(lengths, LONG_FUNCTIONS, LONGEST_FUNCTION);
  });

  it("counts the lines of functions, methods and arrow functions", () => {
    const body = (indent: string, count: number) => `${indent}step({ a: [1] });\n`.repeat(count);
    const text = [
      `export async function first({\n  a,\n}: Input): Promise<void> {\n${body("  ", 5)}}\n`,
      `class Queue {\n  #pump(): void {\n${body("    ", 3)}  }\n}\n`,
      `const third = (a: number) => {\n${body("  ", 2)}};\n`,
      "const text = `function none() {\n}`;\n",
      "// function neither() {\n// }\n",
    ].join("");
    assert.deepEqual(functionsOf(text), [
      { name: "first", lines: 9 },
      { name: "#pump", lines: 5 },
      { name: "third", lines: 4 },
    ]);
  });

  it("fails on what is too long, on what grew, and on a record that is no longer needed", () => {
    const given =
      (lengths: readonly (readonly [string, number])[], known: Readonly<Record<string, number>>) => () =>
        assertRatchet(new Map(lengths), known, 70);
    assert.throws(given([["a.ts run", 71]], {}));
    assert.throws(given([["a.ts run", 91]], { "a.ts run": 90 }));
    assert.throws(given([["a.ts run", 60]], { "a.ts run": 90 }));
    assert.throws(given([], { "a.ts run": 90 }));
    assert.doesNotThrow(given([["a.ts run", 90]], { "a.ts run": 90 }));
    assert.doesNotThrow(given([["a.ts run", 70]], {}));
  });
});

/** What is too long must be known, and no longer than it is known to be. */
function assertRatchet(
  lengths: ReadonlyMap<string, number>,
  known: Readonly<Record<string, number>>,
  limit: number,
): void {
  const tooLong = [...lengths].filter(([key, lines]) => lines > Math.max(limit, known[key] ?? 0));
  assert.deepEqual(Object.fromEntries(tooLong), {}, "longer than the limit, or than it was");
  const shrunk = Object.keys(known).filter((key) => (lengths.get(key) ?? 0) <= limit);
  assert.deepEqual(shrunk, [], "within the limit now: take these out of the list");
}

function sources(): SourceFile[] {
  return readTree(["src", "test", "scripts", "examples", "bench"], [".ts"]);
}

function linesOf(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

const DECLARATION = /^(\s*)(?:export )?(?:async )?function\*? ?(\w+)/;
const METHOD = /^(\s+)(?:(?:static|async|override|private|protected|get|set) )*(#?\w+)(?:<[^(]*>)?\([^;]*$/;
const ARROW =
  /^(\s*)(?:export )?(?:const |readonly )?([#\w]+)(?:\??: [^=]+)?(?: =|:) (?:async )?(?:<.*>)?(?:\(.*|\w+ => \{)$/;
const KEYWORDS = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "return",
  "await",
  "throw",
  "super",
  "function",
]);

/**
 * Functions with a name and a body of lines of their own. Relies on the formatter: a body ends at the first line that
 * closes at the indent of the line that opened it.
 */
function functionsOf(text: string): FoundFunction[] {
  const lines = maskCode(text).split("\n");
  return lines.flatMap((line, index) => {
    const match = DECLARATION.exec(line) ?? METHOD.exec(line) ?? ARROW.exec(line);
    const [, indent = "", name = ""] = match ?? [];
    if (match === null || KEYWORDS.has(name)) return [];
    const opens = bodyStart(lines, index, indent);
    if (opens === undefined) return [];
    const length = lines.slice(opens + 1).findIndex((other) => closes(other, indent));
    return length < 0 ? [] : [{ name, lines: opens + 1 + length - index + 1 }];
  });
}

/** The line whose brace opens the body: this one, or the one that closes the parameters. */
function bodyStart(lines: readonly string[], from: number, indent: string): number | undefined {
  const line = lines[from] ?? "";
  if (/(?:=>|\)|\)[:][^=]*) \{$/.test(line)) return from;
  if (!/[([{]$/.test(line)) return undefined;
  for (let at = from + 1; at < lines.length; at++) {
    const next = lines[at] ?? "";
    if (next.trim() === "" || next.startsWith(`${indent} `)) continue;
    return new RegExp(`^${indent}(?:\\)|\\}(?::|\\))).*\\{$`).test(next) ? at : undefined;
  }
  return undefined;
}

function closes(line: string, indent: string): boolean {
  return line.startsWith(`${indent}}`) && !/^\s*\}(?::| else)/.test(line);
}
