/** `ParameterFilters` of DescribeParameters and GetParametersByPath, and the older `Filters`. */
import type * as wire from "@aws-sdk/client-ssm";
import { isBelow, qualified } from "../../model/ssm/names.ts";
import type { Parameter, ParameterVersion } from "../../model/ssm/records.ts";
import { checkCount, checkLength, checkPattern, oneOf, readPath, requireMember } from "./constraints.ts";
import { invalidFilterKey, invalidFilterOption, invalidFilterValue, validation } from "./errors.ts";

/** What filters see. */
export interface Listed {
  readonly parameter: Parameter;
  /** The newest, or the one that a Label filter is about. */
  readonly version: ParameterVersion;
}

type Matcher = (listed: Listed) => boolean;

interface Filter {
  readonly key: string;
  readonly option: string;
  readonly values: readonly string[];
}

/** Keys that each operation takes, in the order in which AWS lists them. */
const KEYS = {
  describe: ["Path", "Name", "Type", "KeyId", "Tier", "DataType"],
  byPath: ["Type", "KeyId", "Label", "DataType"],
} as const;
/** What AWS's texts name; both operations take more. */
const NAMED_KEYS = { describe: "[Path, Name, Type, KeyId, Tier]", byPath: "[Type, KeyId]" } as const;
const TYPES = ["String", "StringList", "SecureString"] as const;
const TIERS = ["Standard", "Advanced", "Intelligent-Tiering"] as const;

/** Throws ValidationException, InvalidFilterKey, InvalidFilterOption or InvalidFilterValue. */
export function readFilters(
  filters: readonly wire.ParameterStringFilter[] | undefined,
  operation: keyof typeof KEYS,
): Matcher[] {
  const read = (filters ?? []).map(readShape);
  return read.map((filter, index) => {
    const known: readonly string[] = KEYS[operation];
    const isTag = operation === "describe" && filter.key.startsWith("tag:");
    if (!isTag && !known.includes(filter.key)) {
      throw invalidFilterKey(
        `The following filter key is not valid: ${filter.key}. Valid filter keys include: ${NAMED_KEYS[operation]}.`,
      );
    }
    if (!isTag && filter.values.length === 0) {
      throw invalidFilterValue(
        `The following filter values are missing : null for filter key ${filter.key}.`,
      );
    }
    if (read.slice(0, index).some(({ key }) => key === filter.key)) {
      throw invalidFilterKey(
        `The following filter is duplicated in the request: ${filter.key}. A request can contain only one occurrence ` +
          "of a specific filter.",
      );
    }
    return matcherOf(filter);
  });
}

function readShape(filter: wire.ParameterStringFilter, index: number): Filter {
  const path = `parameterFilters.${index + 1}.member`;
  const key = requireMember(filter.Key, `${path}.key`);
  checkLength(key, `${path}.key`, 1, 132);
  checkPattern(key, `${path}.key`, "tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType");
  checkLength(filter.Option, `${path}.option`, 1, 10);
  checkCount(filter.Values, `${path}.values`, 1, 50);
  for (const value of filter.Values ?? []) checkLength(value, `${path}.values`, 1, 1024);
  const option = filter.Option ?? (key === "Path" ? "OneLevel" : "Equals");
  return { key, option, values: filter.Values ?? [] };
}

function matcherOf(filter: Filter): Matcher {
  const { key, option, values } = filter;
  switch (key) {
    case "Path":
      return pathMatcher(filter);
    case "Name":
      return nameMatcher(filter);
    case "Type":
      requireKnown(values, TYPES);
      return textMatcher(filter, ({ version }) => [version.type]);
    case "Tier":
      requireKnown(values, TIERS);
      return textMatcher(filter, ({ parameter }) => [parameter.tier]);
    case "KeyId":
      return textMatcher(filter, ({ version }) => (version.keyId === undefined ? [] : [version.keyId]));
    case "DataType":
      return textMatcher(filter, ({ version }) => [version.dataType]);
    case "Label":
      if (option !== "Equals") throw wrongOption(option, "[Equals]");
      return ({ version }) => values.some((label) => version.labels.includes(label));
    default: {
      const tagKey = key.slice("tag:".length);
      const valuesOf = ({ parameter }: Listed) =>
        parameter.tags.filter((tag) => tag.key === tagKey).map(({ value }) => value);
      if (values.length === 0) return (listed) => valuesOf(listed).length > 0;
      return textMatcher(filter, valuesOf);
    }
  }
}

function pathMatcher({ option, values }: Filter): Matcher {
  if (option !== "Recursive" && option !== "OneLevel") throw wrongOption(option, "[Recursive, OneLevel]");
  const paths = values.map((value) => {
    if (/^\/(aws|ssm)/i.test(value)) {
      throw validation(
        'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global ' +
          "parameters, please specify within a global namespace.",
      );
    }
    return readPath(value);
  });
  return ({ parameter }) => paths.some((path) => isBelow(parameter.name, path, option === "Recursive"));
}

/** A name matches with or without its leading slash. */
function nameMatcher({ option, values }: Filter): Matcher {
  if (option === "Contains") {
    return ({ parameter }) => values.some((value) => parameter.name.includes(value));
  }
  return textMatcher({ key: "Name", option, values: values.map(qualified) }, ({ parameter }) => [
    qualified(parameter.name),
  ]);
}

function textMatcher({ option, values }: Filter, textsOf: (listed: Listed) => readonly string[]): Matcher {
  if (option === "Equals") return (listed) => textsOf(listed).some((text) => values.includes(text));
  if (option === "BeginsWith") {
    return (listed) => textsOf(listed).some((text) => values.some((value) => text.startsWith(value)));
  }
  throw wrongOption(option, "[BeginsWith, Equals]");
}

function requireKnown(values: readonly string[], known: readonly string[]): void {
  for (const value of values) {
    if (!known.includes(value)) {
      throw invalidFilterOption(
        `The following filter value is not valid: ${value}. Valid values include: [${known.join(", ")}].`,
      );
    }
  }
}

function wrongOption(option: string, valid: string): Error {
  return invalidFilterOption(
    `The following filter option is not valid: ${option}. Valid options include: ${valid}.`,
  );
}

/** `Filters` of DescribeParameters: names by their beginning, the rest by the whole value. */
export function readOldFilters(filters: readonly wire.ParametersFilter[] | undefined): Matcher[] {
  return (filters ?? []).map((filter, index) => {
    const path = `filters.${index + 1}.member`;
    const key = oneOf(requireMember(filter.Key, `${path}.key`), `${path}.key`, ["Name", "Type", "KeyId"]);
    const values = requireMember(filter.Values, `${path}.values`);
    checkCount(values, `${path}.values`, 1, 50);
    return ({ parameter, version }: Listed) => {
      if (key === "Name") return values.some((value) => parameter.name.startsWith(value));
      const text = key === "Type" ? version.type : version.keyId;
      return text !== undefined && values.includes(text);
    };
  });
}
