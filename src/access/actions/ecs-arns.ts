/** ECS's nouns from what requests name them by, whether they exist or not. */
import type { TaskDefinition } from "../../model/ecs/records.ts";
import { taskDefinitions } from "../../store/tables/ecs.ts";
import { arnOr, type CallFacts, regional } from "./action.ts";

export function clusterArn(call: CallFacts, name: string | undefined): string {
  const text = name === undefined || name === "" ? "default" : name;
  return arnOr(text, (short) => regional("ecs", call, `cluster/${short}`));
}

/** The value of `ecs:cluster`. */
export const clusterKey = clusterArn;

function clusterName(call: CallFacts, cluster: string | undefined): string {
  return clusterArn(call, cluster).split("/").at(-1) ?? "default";
}

export function serviceArn(
  call: CallFacts,
  cluster: string | undefined,
  service: string | undefined,
): string {
  return arnOr(service ?? "", (name) =>
    regional("ecs", call, `service/${clusterName(call, cluster)}/${name}`),
  );
}

export function taskArn(call: CallFacts, cluster: string | undefined, task: string): string {
  return arnOr(task, (id) => regional("ecs", call, `task/${clusterName(call, cluster)}/${id}`));
}

export function containerInstanceArn(call: CallFacts, cluster: string | undefined, instance: string): string {
  return arnOr(instance, (id) =>
    regional("ecs", call, `container-instance/${clusterName(call, cluster)}/${id}`),
  );
}

export function capacityProviderArn(call: CallFacts, name: string): string {
  return arnOr(name, (short) => regional("ecs", call, `capacity-provider/${short}`));
}

/** `family`, `family:revision` or an ARN; a family alone is its newest active revision. */
export function findTaskDefinition(call: CallFacts, text: string | undefined): TaskDefinition | undefined {
  if (text === undefined) return undefined;
  const name = text.startsWith("arn:") ? (text.split("/").at(-1) ?? "") : text;
  if (name.includes(":")) return call.store.get(taskDefinitions, taskDefinitionArn(call, text));
  const { account, region } = call.scope;
  return call.store
    .where(taskDefinitions, "family", `${account}/${region}/${name}`)
    .filter(({ status }) => status === "ACTIVE")
    .sort((a, b) => b.revision - a.revision)[0];
}

export function taskDefinitionArn(call: CallFacts, text: string): string {
  const arn = arnOr(text, (name) => regional("ecs", call, `task-definition/${name}`));
  if (/\/[^:]+:\d+$/.test(arn)) return arn;
  return findTaskDefinition(call, text)?.arn ?? arn;
}
