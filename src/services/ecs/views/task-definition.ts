import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../../../model/ecs/records.ts";
import { dateMember } from "./dates.ts";

export function describeTaskDefinitionRecord(record: TaskDefinition): wire.TaskDefinition {
  return {
    taskDefinitionArn: record.arn,
    family: record.family,
    revision: record.revision,
    status: record.status,
    enableFaultInjection: false,
    ...record.definition,
    compatibilities: [...record.compatibilities],
    requiresAttributes: [...record.requiresAttributes],
    registeredAt: new Date(record.registeredAt),
    ...dateMember("deregisteredAt", record.deregisteredAt),
    ...dateMember("deleteRequestedAt", record.deleteRequestedAt),
    registeredBy: record.registeredBy,
  };
}
