import assert from "node:assert/strict";
import { test } from "node:test";
import { splitCommand } from "./command-line.ts";

test("a command is split into words as a shell does it, without its substitutions", () => {
  const rows: readonly [string, string[] | undefined][] = [
    ["", []],
    ["/bin/sh", ["/bin/sh"]],
    ["  ls   -la\t/ ", ["ls", "-la", "/"]],
    [`sh -c "echo a b; exit 3"`, ["sh", "-c", "echo a b; exit 3"]],
    [`echo 'a "b" \\n'`, ["echo", 'a "b" \\n']],
    [`echo "a \\"b\\" \\n $HOME"`, ["echo", 'a "b" \\n $HOME']],
    ["a\\ b '' c\"d\"'e'", ["a b", "", "cde"]],
    ["echo 'open", undefined],
    ["echo \\", undefined],
  ];
  for (const [text, words] of rows) assert.deepEqual(splitCommand(text), words, text);
});
