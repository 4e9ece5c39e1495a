/** What RegisterTaskDefinition refuses about FireLens. Where ECS's own text is not known, it is said plainly. */
import type * as wire from "@aws-sdk/client-ecs";
import { parseObjectArn } from "../../s3/names.ts";
import { parseRouterUser, usesRouter } from "./firelens.ts";

const TYPES: readonly (string | undefined)[] = ["fluentd", "fluentbit"];

export function firelensRule({
  containerDefinitions: containers = [],
}: wire.RegisterTaskDefinitionRequest): string | undefined {
  const routers = containers.filter(({ firelensConfiguration }) => firelensConfiguration !== undefined);
  const used = containers.some(usesRouter);
  if (routers.length === 0) {
    return used
      ? "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified"
      : undefined;
  }
  if (!used) {
    return "When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver.";
  }
  if (routers.length > 1) {
    return `Only one container can have a firelensConfiguration: ${routers.map(({ name }) => name).join(", ")}`;
  }
  return routers.map(routerFault).find((message) => message !== undefined);
}

function routerFault({ name, firelensConfiguration, user }: wire.ContainerDefinition): string | undefined {
  const { type, options = {} } = firelensConfiguration ?? {};
  if (!TYPES.includes(type)) return `firelensConfiguration type should be one of [${TYPES.join(",")}]`;
  const { "config-file-type": fileType, "config-file-value": value } = options;
  if (fileType !== undefined && fileType !== "s3" && fileType !== "file") {
    return `invalid value ${fileType} is specified for option config-file-type`;
  }
  if (fileType !== undefined && value === undefined) {
    return "option config-file-type is specified but config-file-value is not specified";
  }
  if (fileType === "s3" && parseObjectArn(value ?? "") === undefined) return "Invalid arn syntax.";
  return user === undefined || user === "" || parseRouterUser(user).ok
    ? undefined
    : `Invalid 'user' setting for container '${name}'. With a firelensConfiguration it must be uid, uid:gid or uid:group.`;
}
