import type * as wire from "@aws-sdk/client-ssm";
import { parseReference } from "../../model/ssm/names.ts";
import { parameters } from "../../store/tables/ssm.ts";
import type { HandlerContext } from "../operation.ts";
import { checkCount, requireMember, requireName } from "./constraints.ts";
import { findParameter, requireParameter } from "./resolve.ts";

export function deleteParameter(input: wire.DeleteParameterRequest, context: HandlerContext): object {
  const parameter = requireParameter(context, parseReference(requireName(input.Name)).name);
  context.store.transaction((tx) => tx.delete(parameters, parameter.arn));
  return {};
}

export function deleteParameters(
  input: wire.DeleteParametersRequest,
  context: HandlerContext,
): wire.DeleteParametersResult {
  const names = [...new Set(requireMember(input.Names, "names"))];
  checkCount(names, "names", 1, 10);
  const found = names.map((name) => ({ name, parameter: findParameter(context, parseReference(name).name) }));
  context.store.transaction((tx) => {
    for (const { parameter } of found) if (parameter !== undefined) tx.delete(parameters, parameter.arn);
  });
  return {
    DeletedParameters: found.filter(({ parameter }) => parameter !== undefined).map(({ name }) => name),
    InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
  };
}
