/**
 * ECS Service Action (developer guide, "Amazon ECS service action events", and "Track Amazon ECS Availability Zone
 * rebalancing", which names the event of each message). Messages without an event of their own are not told.
 */
import { arn } from "../model/arn.ts";
import type { Service, ServiceEvents } from "../model/ecs/records.ts";
import type { StoreReader } from "../store/store.ts";
import { clusters, services } from "../store/tables/ecs.ts";
import type { Announcement } from "./announce.ts";

export interface ServiceAction {
  readonly eventType: "INFO" | "WARN" | "ERROR";
  readonly eventName: string;
  readonly capacityProviders?: readonly string[] | undefined;
  readonly containerInstanceId?: string | undefined;
  readonly reason?: string | undefined;
}

/** What was said since; the oldest first. */
export function announceServiceActions(
  store: StoreReader,
  before: ServiceEvents | undefined,
  after: ServiceEvents | undefined,
): readonly Announcement[] {
  const service = after === undefined ? undefined : store.get(services, after.serviceArn);
  if (after === undefined || service === undefined) return [];
  const known = after.events.findIndex(({ id }) => id === before?.events[0]?.id);
  const said = (known < 0 ? after.events : after.events.slice(0, known)).toReversed();
  return said.flatMap(({ message, createdAt }) =>
    serviceActions(message, service).map((action) => announcement(store, service, action, createdAt)),
  );
}

function announcement(
  store: StoreReader,
  service: Service,
  { eventType, eventName, capacityProviders, containerInstanceId, reason }: ServiceAction,
  createdAt: number,
): Announcement {
  const cluster = store.get(clusters, service.clusterArn)?.name ?? "";
  return {
    source: "aws.ecs",
    detailType: "ECS Service Action",
    resources: [service.arn],
    detail: () => ({
      eventType,
      eventName,
      clusterArn: service.clusterArn,
      capacityProviderArns: capacityProviders?.map((name) =>
        arn("ecs", service, `capacity-provider/${name}`),
      ),
      containerInstanceArns:
        containerInstanceId === undefined
          ? undefined
          : [arn("ecs", service, `container-instance/${cluster}/${containerInstanceId}`)],
      reason,
      createdAt: new Date(createdAt),
    }),
  };
}

const INFO: readonly (readonly [message: RegExp, eventName: string])[] = [
  [/ has stopped \d+ running tasks[: ]/, "TASKS_STOPPED"],
  [/ has started \d+ tasks in \S+ to AZ Rebalance: /, "TASKS_STARTED"],
  [/ is not AZ balanced with /, "SERVICE_REBALANCING_STARTED"],
  [/ is AZ balanced with /, "SERVICE_REBALANCING_COMPLETED"],
  [/ stopped AZ Rebalancing\.$/, "SERVICE_REBALANCING_STOPPED"],
  [/ was unable to scale in due to \(reason /, "TASKSET_SCALE_IN_FAILURE_BY_TASK_PROTECTION"],
];

/** By the message as DescribeServices shows it. */
export function serviceActions(message: string, service: Pick<Service, "spec">): readonly ServiceAction[] {
  const known = INFO.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return [{ eventType: "INFO", eventName: known[1] }];
  const { capacityProviderStrategy, serviceRegistries } = service.spec;
  const capacityProviders = capacityProviderStrategy.flatMap(({ capacityProvider }) =>
    capacityProvider === undefined ? [] : [capacityProvider],
  );
  if (message.endsWith(" has reached a steady state.")) {
    const steady: ServiceAction = { eventType: "INFO", eventName: "SERVICE_STEADY_STATE" };
    return capacityProviders.length === 0
      ? [steady]
      : [steady, { eventType: "INFO", eventName: "CAPACITY_PROVIDER_STEADY_STATE", capacityProviders }];
  }
  if (message.endsWith(" is unable to consistently start tasks successfully.")) {
    return [{ eventType: "WARN", eventName: "SERVICE_TASK_START_IMPAIRED" }];
  }
  if (message.endsWith(" failed container health checks.") && serviceRegistries.length > 0) {
    return [{ eventType: "WARN", eventName: "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY" }];
  }
  const failure = placementFailure(message, capacityProviders);
  return failure === undefined
    ? []
    : [{ eventType: "ERROR", eventName: "SERVICE_TASK_PLACEMENT_FAILURE", ...failure }];
}

/** Reasons are those that RunTask gives (developer guide, "API failure reasons"). */
function placementFailure(
  message: string,
  capacityProviders: readonly string[],
): Partial<ServiceAction> | undefined {
  const closest = /The closest matching \(container-instance (\w+)\) (.+?) For more information/.exec(
    message,
  );
  if (closest !== null) return { containerInstanceId: closest[1], reason: obstacleReason(closest[2] ?? "") };
  const providers = capacityProviders.length === 0 ? {} : { capacityProviders };
  if (message.endsWith("No Container Instances were found in your cluster.")) {
    return { ...providers, reason: "EMPTY CAPACITY PROVIDER" };
  }
  if (message.endsWith("No Container Instances were found in your capacity provider.")) {
    return { ...providers, reason: "NO ACTIVE INSTANCES" };
  }
  return / (was|is) unable to place (a task|tasks) in /.test(message) ? providers : undefined;
}

const OBSTACLES: Readonly<Record<string, string>> = {
  "has insufficient CPU units available.": "RESOURCE:CPU",
  "has insufficient memory available.": "RESOURCE:MEMORY",
  "is already using a port required by your task.": "RESOURCE:PORTS",
  "is missing an attribute required by your task.": "ATTRIBUTE",
};

function obstacleReason(obstacle: string): string | undefined {
  return OBSTACLES[obstacle] ?? /^encountered error "(.+?)\.?"\.$/.exec(obstacle)?.[1];
}
