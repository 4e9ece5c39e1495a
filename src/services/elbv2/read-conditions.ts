/** The conditions of a rule. Every function throws ValidationError with the service's own texts. */
import { isIP } from "node:net";
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Condition } from "../../model/elb/records.ts";
import { operationNotPermitted, validationError } from "./errors.ts";

const FIELDS = [
  "path-pattern",
  "host-header",
  "http-header",
  "http-request-method",
  "query-string",
  "source-ip",
] as const;
type Field = (typeof FIELDS)[number];

/** At most one condition of each of these in a rule. */
const SINGLE_FIELDS: readonly Field[] = ["host-header", "path-pattern", "http-request-method", "source-ip"];
const MOST_VALUES = 5;
const MOST_WILDCARDS = 5;
const LONGEST_VALUE = 128;
const LONGEST_NAME = 40;

/** At least one condition, within the limits of a rule. */
export function readConditions(conditions: readonly wire.RuleCondition[] | undefined): Condition[] {
  if (conditions === undefined || conditions.length === 0) {
    throw validationError("A condition must be specified");
  }
  const read = conditions.map(readCondition);
  for (const field of SINGLE_FIELDS) {
    if (read.filter((condition) => condition.kind === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`);
    }
  }
  const values = read.flatMap(textsOf);
  if (values.length > MOST_VALUES) {
    throw validationError(`A rule can only have '${MOST_VALUES}' condition values`);
  }
  if (values.reduce((sum, value) => sum + countWildcards(value), 0) > MOST_WILDCARDS) {
    throw validationError(`A rule can only have '${MOST_WILDCARDS}' condition wildcards`);
  }
  return read;
}

function readCondition(condition: wire.RuleCondition): Condition {
  const name = condition.Field;
  if (name === undefined || name === "") throw validationError("A condition field must be specified");
  const field = FIELDS.find((candidate) => candidate === name);
  if (field === undefined) {
    throw validationError(`Condition field '${name}' must be one of '[${FIELDS.join(",")}]'`);
  }
  if (hasRegexValues(condition)) {
    throw operationNotPermitted("Berth does not support regular expressions in conditions");
  }
  const flat = condition.Values ?? [];
  if (flat.length > 0 && field !== "host-header" && field !== "path-pattern") {
    throw validationError(`The 'Values' field is not compatible with '${field}'`);
  }
  switch (field) {
    case "host-header":
      return {
        kind: field,
        values: readHosts(eitherForm(field, flat, "HostHeaderConfig", condition.HostHeaderConfig)),
      };
    case "path-pattern":
      return {
        kind: field,
        values: readPaths(eitherForm(field, flat, "PathPatternConfig", condition.PathPatternConfig)),
      };
    case "http-header":
      return readHeader(condition.HttpHeaderConfig);
    case "http-request-method":
      return { kind: field, values: readMethods(condition.HttpRequestMethodConfig) };
    case "query-string":
      return { kind: field, values: readQuery(condition.QueryStringConfig) };
    case "source-ip":
      return { kind: field, values: readSources(condition.SourceIpConfig) };
  }
}

function hasRegexValues(condition: wire.RuleCondition): boolean {
  return [
    condition.RegexValues,
    condition.HostHeaderConfig?.RegexValues,
    condition.PathPatternConfig?.RegexValues,
    condition.HttpHeaderConfig?.RegexValues,
  ].some((values) => values !== undefined && values.length > 0);
}

/** Values are given flat, one of them, or in the field's own structure. */
function eitherForm(
  field: Field,
  flat: readonly string[],
  configName: string,
  config: { Values?: string[] | undefined } | undefined,
): readonly string[] {
  const nested = config?.Values ?? [];
  if (flat.length > 0 && nested.length > 0) {
    throw validationError(
      `You cannot provide both Values and '${configName}' for a condition of type '${field}'`,
    );
  }
  if (flat.length > 1) {
    throw validationError(`The '${field}' field contains too many values; the limit is '1'`);
  }
  const values = flat.length > 0 ? flat : nested;
  if (values.length === 0 || values.includes(""))
    throw validationError("A condition value must be specified");
  return values;
}

function checkNotTooLong(value: string, what: string, limit = LONGEST_VALUE): void {
  if (value.length > limit) throw validationError(`The '${what}' value is too long; the limit is '${limit}'`);
}

function checkCharacters(value: string, pattern: RegExp): void {
  if (!pattern.test(value)) {
    throw validationError(`Condition value '${value}' contains a character that is not valid`);
  }
}

/** A name with at least one dot, and only letters after the last (RuleCondition in the API reference). */
function readHosts(values: readonly string[]): readonly string[] {
  for (const value of values) {
    checkNotTooLong(value, "host-header");
    checkCharacters(value, /^[A-Za-z0-9\-.*?]+$/);
    if (!/\.[A-Za-z]+$/.test(value)) {
      throw validationError(
        `Condition value '${value}' must include a '.', and only alphabetical characters after the last one`,
      );
    }
  }
  return values;
}

function readPaths(values: readonly string[]): readonly string[] {
  for (const value of values) {
    checkNotTooLong(value, "path-pattern");
    checkCharacters(value, /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/);
  }
  return values;
}

function readHeader(config: wire.HttpHeaderConditionConfig | undefined): Condition {
  if (config === undefined)
    throw validationError("A 'HttpHeaderConfig' must be specified with 'http-header'");
  const name = config.HttpHeaderName ?? "";
  if (name === "") throw validationError("A 'HttpHeaderName' must be specified with 'http-header'");
  checkNotTooLong(name, "HttpHeaderName", LONGEST_NAME);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw validationError(`The 'HttpHeaderName' value '${name}' contains a character that is not valid`);
  }
  if (name.toLowerCase() === "host") {
    throw validationError("The 'http-header' field cannot be used with the 'Host' header; use 'host-header'");
  }
  const values = config.Values ?? [];
  if (values.length === 0 || values.includes(""))
    throw validationError("A condition value must be specified");
  for (const value of values) checkNotTooLong(value, "http-header");
  return { kind: "http-header", name, values };
}

function readMethods(config: wire.HttpRequestMethodConditionConfig | undefined): readonly string[] {
  if (config === undefined) {
    throw validationError("A 'HttpRequestMethodConfig' must be specified with 'http-request-method'");
  }
  const values = config.Values ?? [];
  if (values.length === 0) throw validationError("A 'http-request-method' value must be specified");
  for (const value of values) {
    checkNotTooLong(value, "http-request-method", LONGEST_NAME);
    if (!/^[A-Z_-]+$/.test(value)) {
      throw validationError(
        "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
      );
    }
  }
  return values;
}

function readQuery(config: wire.QueryStringConditionConfig | undefined) {
  if (config === undefined)
    throw validationError("A 'QueryStringConfig' must be specified with 'query-string'");
  const pairs = config.Values ?? [];
  if (pairs.length === 0) throw validationError("A 'query-string' value must be specified");
  return pairs.map((pair) => {
    if (pair.Value === undefined || pair.Value === "") {
      throw validationError("A 'Value' must be specified in 'QueryStringKeyValuePair'");
    }
    if (pair.Key !== undefined) checkNotTooLong(pair.Key, "Key");
    checkNotTooLong(pair.Value, "Value");
    return { ...(pair.Key === undefined ? {} : { key: pair.Key }), value: pair.Value };
  });
}

function readSources(config: wire.SourceIpConditionConfig | undefined): readonly string[] {
  if (config === undefined) throw validationError("A 'SourceIpConfig' must be specified with 'source-ip'");
  const values = config.Values ?? [];
  if (values.length === 0) throw validationError("A 'source-ip' value must be specified");
  for (const value of values) {
    if (!isRange(value)) throw validationError(`The 'source-ip' value '${value}' must be in CIDR format`);
  }
  return values;
}

function isRange(text: string): boolean {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const version = isIP(match?.[1] ?? "");
  return version !== 0 && Number(match?.[2]) <= (version === 4 ? 32 : 128) && text !== "255.255.255.255/32";
}

function textsOf(condition: Condition): readonly string[] {
  if (condition.kind !== "query-string") return condition.values;
  return condition.values.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`));
}

/** Escaped ones (`\*`, in query strings) are letters. */
function countWildcards(value: string): number {
  return value.replace(/\\[*?]/g, "").match(/[*?]/g)?.length ?? 0;
}
