/** Reading values: by name, by names, by path, and what they were before. */
import type * as wire from "@aws-sdk/client-ssm";
import { isBelow, parseReference, qualified } from "../../model/ssm/names.ts";
import { publicParameters } from "../../model/ssm/public-parameters.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkCount, checkRange, readPath, requireMember, requireName } from "./constraints.ts";
import { invalidToken } from "./errors.ts";
import { readFilters } from "./filters.ts";
import { listParameters, newestOf, requireParameter, type Selected, selectParameter } from "./resolve.ts";
import { describeHistory, describeParameter, revealValue } from "./views/parameter.ts";

export function getParameter(
  input: wire.GetParameterRequest,
  context: HandlerContext,
): wire.GetParameterResult {
  const selected = selectParameter(context, requireName(input.Name));
  return { Parameter: describe(selected, context, input.WithDecryption) };
}

export function getParameters(
  input: wire.GetParametersRequest,
  context: HandlerContext,
): wire.GetParametersResult {
  const names = requireMember(input.Names, "names");
  checkCount(names, "names", 1, 10);
  const found: wire.Parameter[] = [];
  const invalid: string[] = [];
  for (const name of new Set(names)) {
    const selected = trySelect(context, name);
    if (selected === undefined) invalid.push(name);
    else found.push(describe(selected, context, input.WithDecryption));
  }
  return { Parameters: found, InvalidParameters: invalid };
}

/** What GetParameter would refuse is among the invalid ones here. */
function trySelect(context: HandlerContext, name: string): Selected | undefined {
  try {
    return selectParameter(context, requireName(name));
  } catch (error) {
    const expected = ["ParameterNotFound", "ParameterVersionNotFound", "ValidationException"];
    if (error instanceof Error && expected.includes(error.name)) return undefined;
    throw error;
  }
}

export function getParametersByPath(
  input: wire.GetParametersByPathRequest,
  context: HandlerContext,
): wire.GetParametersByPathResult {
  const path = readPath(requireName(requireMember(input.Path, "path")));
  checkRange(input.MaxResults, "maxResults", 1, 10);
  const filters = readFilters(input.ParameterFilters, "byPath");
  const wantsLabel = input.ParameterFilters?.some(({ Key }) => Key === "Label") === true;
  const all = /^\/aws(\/|$)/.test(path) ? publicParameters(context.scope.region) : listParameters(context);
  const listed = all
    .filter(({ name }) => isBelow(name, path, input.Recursive === true))
    .flatMap((parameter) =>
      // A label may be at an older version: that version's value is the one to show.
      (wantsLabel ? parameter.versions : [newestOf(parameter)]).map((version) => ({ parameter, version })),
    )
    .filter((candidate) => filters.every((matches) => matches(candidate)));
  const { items, nextToken } = page(listed, {
    token: input.NextToken,
    limit: input.MaxResults ?? 10,
    key: ({ parameter, version }) => `${qualified(parameter.name)}:${version.version}`,
    invalidToken,
  });
  return {
    Parameters: items.map((selected) => describe(selected, context, input.WithDecryption)),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** Oldest first. */
export function getParameterHistory(
  input: wire.GetParameterHistoryRequest,
  context: HandlerContext,
): wire.GetParameterHistoryResult {
  const { name } = parseReference(requireName(input.Name));
  checkRange(input.MaxResults, "maxResults", 1, 50);
  const parameter = requireParameter(context, name);
  const { items, nextToken } = page(parameter.versions, {
    token: input.NextToken,
    limit: input.MaxResults ?? 50,
    key: ({ version }) => String(version).padStart(16, "0"),
    invalidToken,
  });
  return {
    Parameters: items.map((version) =>
      describeHistory(
        parameter,
        version,
        revealValue(parameter, version, context.settings, input.WithDecryption === true),
      ),
    ),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function describe(
  { parameter, version, selector }: Selected,
  context: HandlerContext,
  withDecryption: boolean | undefined,
): wire.Parameter {
  const value = revealValue(parameter, version, context.settings, withDecryption === true);
  return describeParameter(parameter, version, value, selector);
}
