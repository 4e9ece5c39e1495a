/** What was measured, as a Markdown table with ratios. */

export interface Comparison {
  readonly what: string;
  readonly unit: "requests/s" | "ms";
  readonly berth: number;
  readonly other?: number | undefined;
  readonly otherName: string;
  /** Further numbers, for --json. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly note?: string | undefined;
}

/** How many times better Berth is; below 1 it is worse. For times, less is better. */
export function ratioOf({ unit, berth, other }: Comparison): number | undefined {
  if (other === undefined) return undefined;
  return unit === "ms" ? other / berth : berth / other;
}

export function renderTable(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map((row) => {
    const other = row.other === undefined ? "not measured" : `${round(row.other)} (${row.otherName})`;
    const ratio = ratioOf(row);
    return `| ${row.what} | ${row.unit} | ${round(row.berth)} | ${other} | ${
      ratio === undefined ? "" : `${ratio.toFixed(2)}×`
    } | ${row.note ?? ""} |`;
  });
  return [
    "| What | Unit | Berth | Beside | Berth is better by | Note |",
    "|---|---|---:|---:|---:|---|",
    ...lines,
    "",
  ].join("\n");
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
