/**
 * An nftables table as data, its text, and the smallest transaction from one to another. Knows no AWS word.
 *
 * Packets see either the old or the new table, never something between, and connections that are tracked go on:
 * connection tracking is not part of a table.
 */
import { createHash } from "node:crypto";

export interface Ruleset {
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface NamedSet {
  /** `map` when its elements have values. */
  readonly kind: "set" | "map";
  /** For example `ifname . ipv4_addr`, or `ifname : verdict`. */
  readonly type: string;
  /** Element → value; the value of a set's element is empty. */
  readonly elements: ReadonlyMap<string, string>;
}

export interface Chain {
  /** `type filter hook forward priority 0; policy drop;` of a base chain; empty on others. */
  readonly hook: string;
  readonly rules: readonly string[];
}

/** Two rulesets with one fingerprint are the same. Kept in the table itself, see `renderTable`. */
export function fingerprint(ruleset: Ruleset): string {
  return createHash("sha256")
    .update(renderTable("inet fingerprint", ruleset, ""))
    .digest("hex")
    .slice(0, 24);
}

/** Chain whose only rule carries the fingerprint of what was applied last, so that a restart can tell. */
const STAMP_CHAIN = "stamp";

/** Replaces the table, if there is one, in one transaction. @param table for example `inet berth` */
export function renderReplacement(table: string, ruleset: Ruleset): string {
  return `add table ${table}\ndelete table ${table}\n${renderTable(table, ruleset, fingerprint(ruleset))}`;
}

export function renderTable(table: string, ruleset: Ruleset, stamp: string): string {
  const lines = [`table ${table} {`];
  for (const [name, set] of sorted(ruleset.sets)) {
    lines.push(`  ${set.kind} ${name} {`, `    type ${set.type};`);
    if (set.elements.size > 0) {
      lines.push("    elements = {");
      for (const element of [...set.elements].map(renderElement).sort()) lines.push(`      ${element},`);
      lines.push("    }");
    }
    lines.push("  }");
  }
  const chains = new Map(ruleset.chains).set(STAMP_CHAIN, { hook: "", rules: [stampRule(stamp)] });
  for (const [name, chain] of sorted(chains)) {
    lines.push(`  chain ${name} {`);
    if (chain.hook !== "") lines.push(`    ${chain.hook}`);
    for (const rule of chain.rules) lines.push(`    ${rule}`);
    lines.push("  }");
  }
  lines.push("}", "");
  return lines.join("\n");
}

/** What `nft list chain <table> stamp` says the table was last made as. */
export function readStamp(listing: string): string | undefined {
  return /comment "([0-9a-f]+)"/.exec(listing)?.[1];
}

export function stampListing(table: string): readonly string[] {
  return ["list", "chain", ...table.split(" "), STAMP_CHAIN];
}

/**
 * The commands that turn the table `from` into `to`. Undefined when that takes a replacement, because a base chain's
 * hook or a set's type changes.
 */
export function renderChange(table: string, from: Ruleset, to: Ruleset): string | undefined {
  const declarations: string[] = [];
  const rules: string[] = [];
  for (const [name, chain] of to.chains) {
    const before = from.chains.get(name);
    if (before !== undefined && before.hook !== chain.hook) return undefined;
    if (before === undefined) {
      declarations.push(`add chain ${table} ${name}${chain.hook === "" ? "" : ` { ${chain.hook} }`}`);
    }
    if (before !== undefined && sameList(before.rules, chain.rules)) continue;
    if (before !== undefined) rules.push(`flush chain ${table} ${name}`);
    for (const rule of chain.rules) rules.push(`add rule ${table} ${name} ${rule}`);
  }
  const elements: string[] = [];
  for (const [name, set] of to.sets) {
    const before = from.sets.get(name);
    if (before !== undefined && (before.kind !== set.kind || before.type !== set.type)) return undefined;
    if (before === undefined) declarations.push(`add ${set.kind} ${table} ${name} { type ${set.type}; }`);
    elements.push(...renderElementChanges(table, name, before?.elements ?? new Map(), set.elements));
  }
  const removals: string[] = [];
  const goneSets = [...from.sets.keys()].filter((name) => !to.sets.has(name));
  const goneChains = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  // A verdict map refers to chains and a rule to sets, so contents go before the things that they refer to.
  for (const name of goneSets) removals.push(`flush set ${table} ${name}`.replace("set", kindOf(from, name)));
  for (const name of goneChains) removals.push(`flush chain ${table} ${name}`);
  for (const name of goneSets) removals.push(`delete ${kindOf(from, name)} ${table} ${name}`);
  for (const name of goneChains) removals.push(`delete chain ${table} ${name}`);
  const stamp = [
    `flush chain ${table} ${STAMP_CHAIN}`,
    `add rule ${table} ${STAMP_CHAIN} ${stampRule(fingerprint(to))}`,
  ];
  return `${[...declarations, ...rules, ...elements, ...removals, ...stamp].join("\n")}\n`;
}

function renderElementChanges(
  table: string,
  name: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const gone = [...before].filter(([key, value]) => after.get(key) !== value);
  const added = [...after].filter(([key, value]) => before.get(key) !== value);
  const commands: string[] = [];
  if (gone.length > 0) {
    commands.push(`delete element ${table} ${name} { ${gone.map(([key]) => key).join(", ")} }`);
  }
  if (added.length > 0) {
    commands.push(`add element ${table} ${name} { ${added.map(renderElement).join(", ")} }`);
  }
  return commands;
}

function renderElement([key, value]: readonly [string, string]): string {
  return value === "" ? key : `${key} : ${value}`;
}

function stampRule(stamp: string): string {
  return `accept comment "${stamp}"`;
}

function kindOf(ruleset: Ruleset, name: string): string {
  return ruleset.sets.get(name)?.kind ?? "set";
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
