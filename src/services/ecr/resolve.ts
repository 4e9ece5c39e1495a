import type { Repository } from "../../model/ecr/records.ts";
import { findRepository } from "../../store/images.ts";
import { repositories } from "../../store/tables/ecr.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameter, invalidValue, repositoryNotFound } from "./errors.ts";

const NAME_TEXT = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

interface Named {
  readonly registryId?: string | undefined;
  readonly repositoryName?: string | undefined;
}

/** Throws InvalidParameterException. */
export function requireRepositoryName(name: string | undefined): string {
  if (name === undefined) throw invalidValue("repositoryName", "must not be null");
  if (name.length < 2 || name.length > 256) {
    throw invalidValue("repositoryName", "must have length between 2 and 256");
  }
  if (!NAME.test(name))
    throw invalidValue("repositoryName", `must satisfy regular expression '${NAME_TEXT}'`);
  return name;
}

/** Registries of other accounts have no repositories here. Throws RepositoryNotFoundException. */
export function requireRepository(context: HandlerContext, input: Named): Repository {
  const name = requireRepositoryName(input.repositoryName);
  const registryId = input.registryId ?? context.scope.account;
  if (!/^\d{12}$/.test(registryId)) {
    throw invalidValue("registryId", "must satisfy regular expression '[0-9]{12}'");
  }
  const found =
    registryId === context.scope.account ? findRepository(context.store, context.scope, name) : undefined;
  if (found === undefined) throw repositoryNotFound(name, registryId);
  return found;
}

/** By the ARN of tag operations. */
export function requireTaggedRepository(context: HandlerContext, arn: string | undefined): Repository {
  const match = /^arn:aws[a-z-]*:ecr:([a-z0-9-]+):(\d{12}):repository\/(.+)$/.exec(arn ?? "");
  if (match === null) throw invalidValue("resourceArn", "Invalid ARN");
  const [, region, account = "", name = ""] = match;
  const found = context.store.get(repositories, arn ?? "");
  const own = account === context.scope.account && region === context.scope.region;
  if (found === undefined || !own) throw repositoryNotFound(name, account);
  return found;
}

export function readLimit(value: number | undefined): number {
  if (value === undefined) return 100;
  if (value < 1 || value > 1000) throw invalidValue("maxResults", "must be between 1 and 1000");
  return value;
}

export function invalidToken(): Error {
  return invalidParameter("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'");
}
