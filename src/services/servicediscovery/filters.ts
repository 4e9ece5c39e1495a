/** The filters of the list operations: all must match; each has a condition, by default EQ. */
import { checkEnum } from "./constraints.ts";
import { invalidInput } from "./errors.ts";

interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
  readonly Condition?: string | undefined;
}

/** What a filter's name stands for in a record; numbers are compared as such by BETWEEN. */
export type FilterAspects<R> = Readonly<Record<string, (record: R) => string | number | undefined>>;

/** Throws InvalidInput for an unknown name or condition, or the wrong number of values. */
export function matcher<R>(
  filters: readonly Filter[] | undefined,
  aspects: FilterAspects<R>,
): (record: R) => boolean {
  const tests = (filters ?? []).map((filter, index) => {
    const path = `filters.${index + 1}.member`;
    const name = checkEnum(filter.Name, `${path}.name`, Object.keys(aspects));
    const condition = checkEnum(filter.Condition ?? "EQ", `${path}.condition`, [
      "EQ",
      "IN",
      "BETWEEN",
      "BEGINS_WITH",
    ]);
    const values = filter.Values ?? [];
    const wanted = condition === "BETWEEN" ? 2 : 1;
    if (values.length < wanted || (condition !== "IN" && values.length > wanted)) {
      throw invalidInput(`Filter ${name} with condition ${condition} takes ${wanted} value(s)`);
    }
    return (record: R) => matches(aspects[name]?.(record), condition, values);
  });
  return (record) => tests.every((test) => test(record));
}

function matches(
  actual: string | number | undefined,
  condition: "EQ" | "IN" | "BETWEEN" | "BEGINS_WITH",
  values: readonly string[],
): boolean {
  if (actual === undefined) return false;
  const [first = "", second = ""] = values;
  switch (condition) {
    case "EQ":
    case "IN":
      return values.some((value) => value === String(actual));
    case "BEGINS_WITH":
      return String(actual).startsWith(first);
    case "BETWEEN":
      return Number(actual) >= Number(first) && Number(actual) <= Number(second);
  }
}
