/**
 * What a target may be. Berth delivers to log groups and other event buses of the account, and runs ECS tasks; any
 * other target is refused here, where Terraform and the command line show it, as nothing would ever reach it.
 */
import type * as wire from "@aws-sdk/client-eventbridge";
import { parseArn } from "../../model/arn.ts";
import { placeholders, templateKeys } from "../../model/events/input.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, checkRange, requireMember, requireName } from "./constraints.ts";
import { checkCluster, checkEcsShape } from "./ecs-target.ts";
import { invalidArn, roleMissing, unsupported, validation } from "./errors.ts";
import { checkRole } from "./resolve.ts";

const PARAMETERS = [
  "KinesisParameters",
  "RunCommandParameters",
  "EcsParameters",
  "BatchParameters",
  "HttpParameters",
  "RedshiftDataParameters",
  "SageMakerPipelineParameters",
  "AppSyncParameters",
] as const;
const MOST_PATHS = 100;

/** What the model says of a target, at its place in the list (from 0). */
export function checkTargetShape(target: wire.Target, index: number): void {
  const path = `targets.${index + 1}.member`;
  requireName(target.Id, `${path}.id`);
  checkLength(requireMember(target.Arn, `${path}.arn`), `${path}.arn`, 1, 1600);
  checkLength(target.RoleArn, `${path}.roleArn`, 1, 1600);
  checkLength(target.Input, `${path}.input`, 0, 8192);
  checkLength(target.InputPath, `${path}.inputPath`, 0, 256);
  if (target.InputTransformer !== undefined) {
    const { InputTemplate } = target.InputTransformer;
    const template = requireMember(InputTemplate, `${path}.inputTransformer.inputTemplate`);
    checkLength(template, `${path}.inputTransformer.inputTemplate`, 1, 8192);
  }
  if (target.EcsParameters !== undefined) checkEcsShape(target.EcsParameters, `${path}.ecsParameters`);
  const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age } = target.RetryPolicy ?? {};
  checkRange(attempts, `${path}.retryPolicy.maximumRetryAttempts`, 0, 185);
  checkRange(age, `${path}.retryPolicy.maximumEventAgeInSeconds`, 60, 86_400);
}

/** Throws ValidationException. */
export function checkTarget(context: HandlerContext, target: wire.Target): void {
  const { Id: id = "", Arn: arn = "" } = target;
  checkInput(target, id);
  const parts = parseArn(arn);
  if (parts === undefined) throw invalidArn(arn);
  switch (parts.service) {
    case "logs":
      checkLogGroup(context, target, parts.resource);
      break;
    case "events":
      checkBus(context, target, parts.resource);
      break;
    case "ecs":
      checkCluster(context, target, parts.resource);
      break;
    default:
      throw unsupported(
        `targets of ${parts.service} (${arn}): events go to log groups, event buses and ECS tasks only`,
      );
  }
  if (parts.account !== context.scope.account) throw unsupported(`targets of another account (${arn})`);
  const parameters = PARAMETERS.find(
    (name) => target[name] !== undefined && !(name === "EcsParameters" && parts.service === "ecs"),
  );
  if (parameters !== undefined) {
    throw validation(`Parameter(s) ${parameters} not supported for target: ${id}.`);
  }
  if (target.DeadLetterConfig?.Arn !== undefined) {
    throw unsupported(`dead-letter queues (DeadLetterConfig of target ${id}): there is no Amazon SQS`);
  }
}

function checkInput({ Input, InputPath, InputTransformer }: wire.Target, id: string): void {
  if ([Input, InputPath, InputTransformer].filter((form) => form !== undefined).length > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw validation(`JSON syntax error in input for target ${id}.`);
  const paths = InputTransformer?.InputPathsMap ?? {};
  if (Object.keys(paths).length > MOST_PATHS) {
    throw validation(`InputPathsMap for target ${id} has more than ${MOST_PATHS} paths.`);
  }
  for (const path of [...(InputPath === undefined ? [] : [InputPath]), ...Object.values(paths)]) {
    if (!/^\$(\.[^.[\]'"\s]+|\[(\d+|\*)\])*\.?$/.test(path)) {
      throw validation(`InputPath for target ${id} is invalid.`);
    }
  }
  const unknown = placeholders(InputTransformer?.InputTemplate ?? "").find(
    (name) => paths[name] === undefined && !name.startsWith("aws."),
  );
  if (unknown !== undefined) {
    throw validation(`InputTemplate for target ${id} contains invalid placeholder ${unknown}.`);
  }
}

function checkLogGroup({ scope }: HandlerContext, target: wire.Target, resource: string): void {
  const { Id: id = "", Arn: arn = "" } = target;
  if (!/^log-group:[.\-_/#A-Za-z0-9]+(:\*)?$/.test(resource)) throw invalidArn(arn);
  if (parseArn(arn)?.region !== scope.region) throw unsupported(`log groups of another region (${arn})`);
  if (target.RoleArn !== undefined) throw validation(`RoleArn is not supported for target ${arn}.`);
  if (target.Input !== undefined || target.InputPath !== undefined) {
    throw validation(
      `Input and InputPath are not valid forms of input for target ${id}. ` +
        "The only valid form of input is InputTransformer.",
    );
  }
  if (target.InputTransformer === undefined) return;
  const keys = templateKeys(target.InputTransformer.InputTemplate ?? "");
  if (keys === undefined) throw validation(`Input for target ${id} is not a valid JSON text.`);
  if (keys.sort().join() !== "message,timestamp") {
    throw validation(
      `InputTemplate for target ${id} must be of the form {"timestamp": <timestamp>, "message": <message>}.`,
    );
  }
}

function checkBus(context: HandlerContext, target: wire.Target, resource: string): void {
  const { Id: id = "", Arn: arn = "", RoleArn: roleArn } = target;
  if (!resource.startsWith("event-bus/")) {
    throw resource.startsWith("api-destination/")
      ? unsupported(`API destinations (${arn})`)
      : invalidArn(arn);
  }
  if (roleArn === undefined) throw roleMissing(arn);
  checkRole(context, roleArn, "roleArn");
  if (target.Input !== undefined || target.InputPath !== undefined || target.InputTransformer !== undefined) {
    throw unsupported(`Input, InputPath and InputTransformer where the target is an event bus (${id})`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
