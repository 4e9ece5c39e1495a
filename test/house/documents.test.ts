/** What the documents say about the code can be checked, as far as it is a list. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ROOT, readTree, type SourceFile } from "./source-tree.ts";

const PLACES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "examples", "bench"];

describe("documents", () => {
  it("link only to files that exist", () => {
    assert.deepEqual(readTree(PLACES, [".md"]).flatMap(brokenLinks), []);
  });

  it("a link to a missing file is found, others are not", () => {
    const text =
      "[a](docs/none.md) [b](LICENSE) [c](https://example.com/x.md) [d](#part) [e](docs/state.md#ecs)";
    assert.deepEqual(brokenLinks({ path: "README.md", text }), ["README.md → docs/none.md"]);
  });

  it("README's table of commands has exactly the commands of ./berth", () => {
    assert.deepEqual(commandsOfTable(textOf("README.md")), commandsOfProgram(textOf("src/cli/cli.ts")));
  });

  it("a command that is missing in the table is found", () => {
    const program =
      'program.command("up"); withState(program.command("exec"))\n  program\n    .command("curl")';
    assert.deepEqual(commandsOfProgram(program), ["curl", "exec", "up"]);
    assert.deepEqual(commandsOfTable("| `./berth up` | runs |\n| `./berth exec TASK` | runs `x` |\n"), [
      "exec",
      "up",
    ]);
  });

  it("docs/state.md names the record of every table", () => {
    const tables = readTree(["src/store/tables"], [".ts"]);
    assert.deepEqual(unnamedRecords(tables, textOf("docs/state.md")), []);
  });

  it("a record that the page does not name is found", () => {
    const tables = [{ path: "x.ts", text: "defineTable<Vpc>()({});\ndefineTable<Subnet>()({});" }];
    assert.deepEqual(unnamedRecords(tables, "| `Vpc` | all | handlers |"), ["Subnet"]);
  });
});

function textOf(path: string): string {
  const [file] = readTree([path], [""]);
  assert.ok(file, `${path} is missing`);
  return file.text;
}

function brokenLinks({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .filter((target) => !existsSync(join(ROOT, dirname(path), target.replace(/#.*$/, ""))))
    .map((target) => `${path} → ${target}`);
}

function commandsOfProgram(text: string): string[] {
  return [...text.matchAll(/\.command\("([a-z]+)"\)/g)].map((match) => match[1] ?? "").sort();
}

function commandsOfTable(text: string): string[] {
  return [...text.matchAll(/^\| `\.\/berth ([a-z]+)/gm)].map((match) => match[1] ?? "").sort();
}

function unnamedRecords(tables: readonly SourceFile[], page: string): string[] {
  return tables
    .flatMap(({ text }) => [...text.matchAll(/defineTable<(\w+)>/g)].map((match) => match[1] ?? ""))
    .filter((name) => !page.includes(`\`${name}\``));
}
