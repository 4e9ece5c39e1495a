import type * as wire from "@aws-sdk/client-ssm";
import { qualified } from "../../model/ssm/names.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkRange } from "./constraints.ts";
import { invalidToken, validation } from "./errors.ts";
import { readFilters, readOldFilters } from "./filters.ts";
import { listParameters, newestOf } from "./resolve.ts";
import { describeMetadata } from "./views/parameter.ts";

/** The caller's own; none are shared between accounts here. */
export function describeParameters(
  input: wire.DescribeParametersRequest,
  context: HandlerContext,
): wire.DescribeParametersResult {
  if ((input.Filters?.length ?? 0) > 0 && (input.ParameterFilters?.length ?? 0) > 0) {
    throw validation("You can use either Filters or ParameterFilters in a single request.");
  }
  checkRange(input.MaxResults, "maxResults", 1, 50);
  const filters = [...readFilters(input.ParameterFilters, "describe"), ...readOldFilters(input.Filters)];
  const own = input.Shared === true ? [] : listParameters(context);
  const listed = own
    .map((parameter) => ({ parameter, version: newestOf(parameter) }))
    .filter((candidate) => filters.every((matches) => matches(candidate)));
  const { items, nextToken } = page(listed, {
    token: input.NextToken,
    limit: input.MaxResults ?? 10,
    key: ({ parameter }) => qualified(parameter.name),
    invalidToken,
  });
  return {
    Parameters: items.map(({ parameter, version }) => describeMetadata(parameter, version)),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}
