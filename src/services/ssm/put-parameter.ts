/** Making a parameter, or a new version of one. */
import { runInNewContext } from "node:vm";
import type * as wire from "@aws-sdk/client-ssm";
import { seal } from "../../lib/sealing.ts";
import { parameterArn } from "../../model/ssm/names.ts";
import { parsePolicies } from "../../model/ssm/policies.ts";
import type { Parameter, ParameterVersion } from "../../model/ssm/records.ts";
import { parameters } from "../../store/tables/ssm.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkLength,
  checkNewName,
  checkPattern,
  oneOf,
  readTags,
  requireMember,
  requireName,
} from "./constraints.ts";
import {
  invalidAllowedPattern,
  oldestVersionLabelled,
  parameterAlreadyExists,
  patternMismatch,
  policyError,
  tooManyParameters,
  validation,
} from "./errors.ts";
import { findParameter, listParameters, newestOf } from "./resolve.ts";

const TYPES = ["SecureString", "StringList", "String"] as const;
const TIERS = ["Standard", "Advanced", "Intelligent-Tiering"] as const;
/** The AWS managed key of the account. */
const DEFAULT_KEY = "alias/aws/ssm";
/** Characters of a value, by tier. */
const MOST_CHARACTERS = { standard: 4096, advanced: 8192 };
const MOST_STANDARD_PARAMETERS = 10_000;
const MOST_VERSIONS = 100;

export function putParameter(
  input: wire.PutParameterRequest,
  context: HandlerContext,
): wire.PutParameterResult {
  const name = requireName(input.Name);
  const value = requireMember(input.Value, "value");
  checkShape(input, value);
  const arn = parameterArn(context.scope, name);
  checkNewName(name, arn);
  const existing = findParameter(context, name);
  if (input.Overwrite === true && (input.Tags?.length ?? 0) > 0) {
    throw validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
        "overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or " +
        "RemoveTagsFromResource.",
    );
  }
  if (existing !== undefined && input.Overwrite !== true) throw parameterAlreadyExists();
  const former = existing === undefined ? undefined : newestOf(existing);
  const type = oneOf(input.Type, "type", TYPES) ?? former?.type;
  if (type === undefined) throw validation("A parameter type is required when you create a parameter.");
  if (input.KeyId !== undefined && type !== "SecureString") {
    throw validation("KeyId is required for SecureString type parameter only.");
  }
  const tier = chooseTier(input, value, existing);
  if (existing === undefined && tier === "Standard") requireRoom(context);
  const allowedPattern = (input.AllowedPattern ?? former?.allowedPattern) || undefined;
  if (allowedPattern !== undefined) checkAllowedPattern(value, allowedPattern);
  const version: ParameterVersion = {
    version: (former?.version ?? 0) + 1,
    type,
    value:
      type === "SecureString"
        ? seal(value, { secret: context.settings.sealingKey, owner: arn }, context.random.hex(24))
        : value,
    keyId: type === "SecureString" ? (input.KeyId ?? former?.keyId ?? DEFAULT_KEY) : undefined,
    dataType: readDataType(input, value) ?? former?.dataType ?? "text",
    description: input.Description ?? former?.description,
    allowedPattern,
    labels: [],
    lastModifiedAt: context.clock.now(),
    lastModifiedBy: context.caller.arn,
  };
  const parameter: Parameter = {
    ...(existing ?? { account: context.scope.account, region: context.scope.region, arn, name }),
    tier,
    versions: [...withRoomForOne(existing), version],
    policies: input.Policies ?? existing?.policies,
    tags: existing?.tags ?? readTags(input.Tags),
  };
  context.store.transaction((tx) => tx.put(parameters, parameter));
  return { Version: version.version, Tier: tier };
}

function checkShape(input: wire.PutParameterRequest, value: string): void {
  const tooShort = lengthRequirement(value.length, 1, Number.POSITIVE_INFINITY);
  if (tooShort !== undefined) throw validation(`${constraintViolation(value, "value", tooShort)}.`);
  oneOf(input.Type, "type", TYPES);
  oneOf(input.Tier, "tier", TIERS);
  checkLength(input.Description, "description", 0, 1024);
  checkLength(input.KeyId, "keyId", 1, 256);
  checkPattern(input.KeyId, "keyId", "^([a-zA-Z0-9:/_-]+)$");
  checkLength(input.AllowedPattern, "allowedPattern", 0, 1024);
  checkLength(input.Policies, "policies", 1, 4096);
  readTags(input.Tags);
}

/** Throws ValidationException, or the error of policies that cannot be. */
function chooseTier(
  input: wire.PutParameterRequest,
  value: string,
  existing: Parameter | undefined,
): "Standard" | "Advanced" {
  const policies = input.Policies === undefined ? [] : parsePolicies(input.Policies);
  if (typeof policies === "string") throw policyError(policies);
  const isAdvanced = existing?.tier === "Advanced";
  const needsAdvanced = value.length > MOST_CHARACTERS.standard || policies.length > 0;
  const wish = input.Tier ?? (isAdvanced ? "Advanced" : "Standard");
  const intelligent = needsAdvanced || isAdvanced ? "Advanced" : "Standard";
  const tier = wish === "Intelligent-Tiering" ? intelligent : wish;
  if (tier === "Standard" && isAdvanced) {
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter " +
        "tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as " +
        "a standard parameter.",
    );
  }
  if (tier === "Standard" && value.length > MOST_CHARACTERS.standard) {
    throw validation(
      `Standard tier parameters support a maximum parameter value of ${MOST_CHARACTERS.standard} characters. To create ` +
        "a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, " +
        "see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    );
  }
  if (value.length > MOST_CHARACTERS.advanced) {
    throw validation(
      `Advanced tier parameters support a maximum parameter value of ${MOST_CHARACTERS.advanced} characters.`,
    );
  }
  if (tier === "Standard" && policies.length > 0) {
    throw validation("Parameter policies need the advanced-parameter tier.");
  }
  return tier === "Advanced" ? "Advanced" : "Standard";
}

function requireRoom(context: HandlerContext): void {
  const standard = listParameters(context).filter(({ tier }) => tier === "Standard");
  if (standard.length >= MOST_STANDARD_PARAMETERS) throw tooManyParameters(MOST_STANDARD_PARAMETERS);
}

/** The pattern is the caller's, and may take for ever: it runs with a time limit. */
function checkAllowedPattern(value: string, pattern: string): void {
  let matches: unknown;
  try {
    matches = runInNewContext(
      "new RegExp('^(?:' + pattern + ')$').test(value)",
      { value, pattern },
      { timeout: 200 },
    );
  } catch {
    throw invalidAllowedPattern();
  }
  if (matches !== true) throw patternMismatch(pattern);
}

function readDataType(input: wire.PutParameterRequest, value: string): string | undefined {
  switch (input.DataType) {
    case undefined:
    case "text":
    case "aws:ssm:integration":
      return input.DataType;
    case "aws:ec2:image":
      if (/^ami-[0-9a-zA-Z]{8,17}$/.test(value)) return input.DataType;
      throw validation(
        "The value of a parameter of data type aws:ec2:image has to be an AMI ID, such as ami-0123456789abcdef0.",
      );
    default:
      throw validation(
        `The following data type is not supported: ${input.DataType} (Data type names are all lowercase.)`,
      );
  }
}

/** The versions to keep; the oldest goes when there are a hundred. Throws ParameterMaxVersionLimitExceeded. */
function withRoomForOne(existing: Parameter | undefined): readonly ParameterVersion[] {
  const versions = existing?.versions ?? [];
  const [oldest] = versions;
  if (existing === undefined || oldest === undefined || versions.length < MOST_VERSIONS) return versions;
  if (oldest.labels.length > 0) throw oldestVersionLabelled(existing.name, oldest.version);
  return versions.slice(1);
}
