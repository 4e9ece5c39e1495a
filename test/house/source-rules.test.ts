/** Rules that a line of text can break. Each has fixtures that break it, and some that only look so. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isTestCode, lineAt, maskCode, readTree, type SourceFile } from "./source-tree.ts";

interface Rule {
  readonly title: string;
  /** Searched for in code without comments and literals, or in all text. */
  readonly pattern: RegExp;
  readonly within: "code" | "text";
  applies(path: string): boolean;
  readonly broken: readonly Fixture[];
  readonly kept: readonly Fixture[];
}

type Fixture = readonly [path: string, text: string];

const isTypeScript = (path: string) => path.endsWith(".ts");
const isProduct = (path: string) => path.startsWith("src/") && isTypeScript(path) && !isTestCode(path);

/** Where real time and chance are taken from, and where they are waited for at the machine's edge. */
const MACHINE_PLACES = [
  "src/lib/clock.ts",
  "src/lib/simulated-clock.ts",
  "src/lib/random.ts",
  "src/fabric/",
  "src/runtime/",
  "src/cli/",
] as const;

/** Words that would point to papers which users do not have; put together so that this file does not break the rule. */
const PRIVATE_PAPERS = new RegExp(
  [
    ["shared/", "(?:seeds|facts|hooks|design|models)"],
    ["/work/", "(?:shared|main)"],
    ["facts", " file"],
    ["\\(facts", " §"],
  ]
    .map((parts) => parts.join(""))
    .join("|"),
  "i",
);

const RULES: readonly Rule[] = [
  {
    title: "time and chance come from lib/clock.ts and lib/random.ts",
    pattern:
      /\bDate\.now\b|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\s*\(|\bnew Date\(\s*\)|\bperformance\.now\b/,
    within: "code",
    applies: (path) => isProduct(path) && !MACHINE_PLACES.some((place) => path.startsWith(place)),
    broken: [
      ["src/services/ecs/x.ts", "const createdAt = Date.now();"],
      ["src/model/x.ts", "const chance = Math.random() < 0.5;"],
      ["src/reconcile/task/x.ts", "setTimeout(() => retry(), 10);"],
      ["src/store/x.ts", "const now = new Date();"],
    ],
    kept: [
      ["src/services/ecs/x.ts", "const date = new Date(record.createdAt); // not Date.now()"],
      ["src/lib/clock.ts", "now: () => Date.now(),"],
      ["src/fabric/linux/x.ts", "setTimeout(poll, 50);"],
    ],
  },
  {
    title: "nothing is of type any",
    pattern:
      /(?:[:<]|\bas|\bextends|[^|]\||[^&]&|=>|\btype \w+ =)\s*any\b(?!\s*[(.:=?])|,\s*any\s*>|\bany\[\]/,
    within: "code",
    applies: isTypeScript,
    broken: [
      ["src/x.ts", "function f(input: any): void {}"],
      ["src/x.ts", "const x = y as any;"],
      ["src/x.ts", "const x: Record<string, any> = {};"],
      ["test/x.ts", "let list: any[] = [];"],
    ],
    kept: [
      ["src/x.ts", 'const text = ": any"; // as any'],
      ["src/x.ts", "for (const link of any) own.push(link);"],
      ["src/x.ts", "const rules = [own, any.length];"],
      ["src/x.ts", 'sets.set(setOf("ifname", any));'],
    ],
  },
  {
    title: "exports have names",
    pattern: /^\s*export\s+default\b/m,
    within: "code",
    applies: isTypeScript,
    broken: [["src/x.ts", "export default function run() {}"]],
    kept: [["src/x.ts", "export const defaults = {};"]],
  },
  {
    title: "no file passes on all of another",
    pattern: /^\s*export\s+(?:type\s+)?\*/m,
    within: "code",
    applies: isTypeScript,
    broken: [
      ["src/x.ts", 'export * from "./y.ts";'],
      ["src/x.ts", 'export type * as y from "./y.ts";'],
    ],
    kept: [["src/x.ts", 'export type { Y } from "./y.ts";']],
  },
  {
    title: "lib has no words of AWS",
    pattern: /\b(?:aws|amazon|ecs|ec2|elb|elbv2|vpc|arn|iam|fargate|route ?53|cloud ?map|cloudwatch)\b/i,
    within: "text",
    applies: (path) => path.startsWith("src/lib/") && isProduct(path),
    broken: [
      ["src/lib/queue.ts", "/** Tasks of ECS wait here. */"],
      ["src/lib/names.ts", "export function parseArn(arn: string): string[] {}"],
    ],
    kept: [["src/lib/names.ts", "const warning = learn(laws);"]],
  },
  {
    title: "what is left to do has the number of its issue",
    pattern: /\b(?:TODO|FIXME|HACK|XXX)\b(?!\(#\d+\))/,
    within: "text",
    applies: (path) => isTypeScript(path) && path !== "test/house/source-rules.test.ts",
    broken: [["src/x.ts", "// TODO: handle IPv6"]],
    kept: [["src/x.ts", "// TODO(#12): handle IPv6"]],
  },
  {
    title: "nothing points to papers that users do not have",
    pattern: PRIVATE_PAPERS,
    within: "text",
    applies: () => true,
    broken: [
      ["src/x.ts", ["/** As the facts", "file says (A.2). */"].join(" ")],
      ["docs/x.md", ["See ../shared", "facts/ecs.md."].join("/")],
      ["src/x.ts", ["// stored so (facts", "§1.2)"].join(" ")],
    ],
    kept: [
      ["docs/x.md", "Shared facts about tasks."],
      ["src/x.ts", "// API reference, RegisterTaskDefinition"],
    ],
  },
];

/** `<file>: <rule>` that is broken today, with the reason. May only shrink. */
const EXCEPTIONS: ReadonlySet<string> = new Set([
  // `touch` marks a blob as used by setting its file's time, which the collector compares with other files' times.
  "src/registry/blob-store.ts: time and chance come from lib/clock.ts and lib/random.ts",
]);

const PLACES = [
  "src",
  "test",
  "scripts",
  "examples",
  "bench",
  "docs",
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "berth",
  ".ci",
];

describe("source rules", () => {
  for (const rule of RULES) {
    it(rule.title, () => {
      const violations = files().flatMap((file) => violationsOf(rule, file));
      assert.deepEqual(
        violations.filter(({ key }) => !EXCEPTIONS.has(key)).map(({ where }) => where),
        [],
      );
    });
    it(`${rule.title}: what breaks it is found`, () => {
      for (const [path, text] of rule.broken)
        assert.equal(violationsOf(rule, { path, text }).length, 1, text);
      for (const [path, text] of rule.kept) assert.deepEqual(violationsOf(rule, { path, text }), [], text);
    });
  }

  it("every exception is still needed", () => {
    const violations = new Set(
      RULES.flatMap((rule) => files().flatMap((file) => violationsOf(rule, file).map(({ key }) => key))),
    );
    assert.deepEqual(
      [...EXCEPTIONS].filter((key) => !violations.has(key)),
      [],
    );
  });
});

function files(): SourceFile[] {
  return readTree(PLACES, ["", ".ts"]).filter(({ text }) => !text.includes("\0"));
}

function violationsOf(rule: Rule, file: SourceFile): { readonly key: string; readonly where: string }[] {
  if (!rule.applies(file.path)) return [];
  const text = rule.within === "code" ? maskCode(file.text) : file.text;
  const pattern = new RegExp(rule.pattern.source, `g${rule.pattern.flags}`);
  return [...text.matchAll(pattern)].map((match) => ({
    key: `${file.path}: ${rule.title}`,
    where: `${file.path}:${lineAt(text, match.index)}`,
  }));
}
