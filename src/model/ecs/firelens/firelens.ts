/** The FireLens container of a task, and the containers whose output it routes (developer guide, "using_firelens"). Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../../lib/result.ts";

type Container = wire.ContainerDefinition;

const DRIVER = "awsfirelens";
/** For Docker's log driver, not for the router's output. */
export const BUFFER_LIMIT_OPTION = "log-driver-buffer-limit";

/** A definition has one at most. */
export function findRouter(containers: readonly Container[]): Container | undefined {
  return containers.find(({ firelensConfiguration }) => firelensConfiguration !== undefined);
}

/** The router may be among them: its own output then goes through itself. */
export function usesRouter({ logConfiguration }: Container): boolean {
  return logConfiguration?.logDriver === DRIVER;
}

/**
 * With what the Amazon ECS agent adds: those that use the router start after it, unless it depends on another container
 * itself, or they say themselves how they depend on it.
 */
export function withRouterFirst(containers: readonly Container[]): readonly Container[] {
  const router = findRouter(containers);
  if (router === undefined || (router.dependsOn ?? []).length > 0) return containers;
  return containers.map((container) => {
    const { dependsOn = [] } = container;
    const known = dependsOn.some(({ containerName }) => containerName === router.name);
    if (container.name === router.name || known || !usesRouter(container)) return container;
    return { ...container, dependsOn: [...dependsOn, { containerName: router.name, condition: "START" }] };
  });
}

/** The variable of the router's container that holds a secret option; `index` is its container's in the definition. */
export function optionVariable(optionName: string, index: number): string {
  return `${optionName}_${index}`;
}

export interface RouterUser {
  readonly userId: number;
  readonly groupId: number;
}

/** `uid`, `uid:gid` or `uid:group`; a group's name counts as root's, as the agent has it. */
export function parseRouterUser(user: string): Result<RouterUser, string> {
  const parts = user.split(":");
  const [userId, groupId = ""] = parts;
  if (parts.length > 2 || userId === undefined || !isId(userId)) {
    return failure(`unable to determine the user ID of '${user}'`);
  }
  return success({ userId: Number(userId), groupId: isId(groupId) ? Number(groupId) : 0 });
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1;
}
