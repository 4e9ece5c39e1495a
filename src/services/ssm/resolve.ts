/** Parameters by what a caller names them with. */
import { parameterArn, parseReference } from "../../model/ssm/names.ts";
import { isExpired } from "../../model/ssm/policies.ts";
import { findPublicParameter } from "../../model/ssm/public-parameters.ts";
import type { Parameter, ParameterVersion } from "../../model/ssm/records.ts";
import { parameters } from "../../store/tables/ssm.ts";
import type { HandlerContext } from "../operation.ts";
import { parameterNotFound, versionNotFound } from "./errors.ts";

/** The caller's own, unless its Expiration has passed. */
export function findParameter(context: HandlerContext, name: string): Parameter | undefined {
  const parameter = context.store.get(parameters, parameterArn(context.scope, name));
  return parameter === undefined || isExpired(parameter.policies, context.clock.now())
    ? undefined
    : parameter;
}

/** Throws ParameterNotFound. */
export function requireParameter(context: HandlerContext, name: string): Parameter {
  const parameter = findParameter(context, name);
  if (parameter === undefined) throw parameterNotFound();
  return parameter;
}

export function listParameters(context: HandlerContext): Parameter[] {
  const { account, region } = context.scope;
  return context.store
    .where(parameters, "scope", `${account}/${region}`)
    .filter(({ policies }) => !isExpired(policies, context.clock.now()));
}

export interface Selected {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  /** As it was asked for, with its colon. */
  readonly selector?: string | undefined;
}

/** By name or ARN, with a version or label behind a colon. Throws ParameterNotFound or ParameterVersionNotFound. */
export function selectParameter(context: HandlerContext, reference: string): Selected {
  const { name, selector } = parseReference(reference);
  const parameter = findPublicParameter(context.scope.region, name) ?? requireParameter(context, name);
  if (selector === undefined) return { parameter, version: newestOf(parameter) };
  const version = parameter.versions.find(
    (candidate) => String(candidate.version) === selector || candidate.labels.includes(selector),
  );
  if (version === undefined) throw versionNotFound(name, selector);
  return { parameter, version, selector: `:${selector}` };
}

/** Every parameter has one. */
export function newestOf(parameter: Parameter): ParameterVersion {
  const newest = parameter.versions.at(-1);
  if (newest === undefined) throw new Error(`${parameter.arn} has no version`);
  return newest;
}
