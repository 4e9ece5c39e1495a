import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../../model/ecs/records.ts";
import { requiredAttributesOf, withDefaults } from "../../model/ecs/task-definition-defaults.ts";
import { compatibilitiesOf, findTaskDefinitionFault } from "../../model/ecs/task-definition-rules.ts";
import { taskDefinitionFamilies, taskDefinitions } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { readTags } from "./constraints.ts";
import { clientException } from "./errors.ts";
import { describeTaskDefinitionRecord } from "./views/task-definition.ts";

/** Each call makes a new revision, numbers are never used again. Throws ClientException. */
export function registerTaskDefinition(
  input: wire.RegisterTaskDefinitionRequest,
  context: HandlerContext,
): wire.RegisterTaskDefinitionResponse {
  const { store, scope, clock, caller } = context;
  const fault = findTaskDefinitionFault(input);
  if (fault !== undefined) throw clientException(fault);
  const family = input.family ?? "";
  const tags = readTags(input.tags);
  const definition = withDefaults(input);
  const familyRecord = store.get(taskDefinitionFamilies, `${scope.account}/${scope.region}/${family}`);
  const revision = (familyRecord?.lastRevision ?? 0) + 1;
  const record: TaskDefinition = {
    ...scope,
    arn: `arn:aws:ecs:${scope.region}:${scope.account}:task-definition/${family}:${revision}`,
    family,
    revision,
    status: "ACTIVE",
    definition,
    compatibilities: compatibilitiesOf(input),
    requiresAttributes: requiredAttributesOf(definition),
    registeredAt: clock.now(),
    registeredBy: caller.arn,
    tags,
  };
  store.transaction((tx) => {
    tx.put(taskDefinitionFamilies, { ...scope, family, lastRevision: revision });
    tx.put(taskDefinitions, record);
  });
  return {
    taskDefinition: describeTaskDefinitionRecord(record),
    ...(tags.length > 0 ? { tags } : {}),
  };
}
