/** Event buses. `default` is there without being made, and stays. */
import type * as wire from "@aws-sdk/client-eventbridge";
import type { EventBus } from "../../model/events/records.ts";
import { eventBuses, eventRules } from "../../store/tables/events.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import {
  checkLength,
  readBusReference,
  readLimit,
  readTags,
  requireMember,
  requireNewBusName,
} from "./constraints.ts";
import {
  busExists,
  busHasRules,
  busNotFound,
  defaultBusStays,
  invalidToken,
  limitExceeded,
  unsupported,
} from "./errors.ts";
import { type FoundBus, findBus, requireBus } from "./resolve.ts";

/** EventBridge quotas: of an account and region. */
const MOST_BUSES = 100;

interface BusSettings {
  readonly KmsKeyIdentifier?: string | undefined;
  readonly DeadLetterConfig?: wire.DeadLetterConfig | undefined;
  readonly LogConfig?: wire.LogConfig | undefined;
}

export function createEventBus(
  input: wire.CreateEventBusRequest,
  context: HandlerContext,
): wire.CreateEventBusResponse {
  const name = requireNewBusName(input.Name);
  checkLength(input.Description, "description", 0, 512);
  if (input.EventSourceName !== undefined) throw unsupported("partner event sources (EventSourceName)");
  refuseSettings(input);
  const tags = readTags(input.Tags);
  if (findBus(context, name) !== undefined) throw busExists(name);
  if (listBuses(context).length >= MOST_BUSES) throw limitExceeded();
  const bus = { ...newBus(context, name), description: input.Description || undefined, tags };
  context.store.transaction((tx) => tx.put(eventBuses, bus));
  return {
    EventBusArn: bus.arn,
    ...(bus.description === undefined ? {} : { Description: bus.description }),
  };
}

/** A description without characters takes it away. */
export function updateEventBus(
  input: wire.UpdateEventBusRequest,
  context: HandlerContext,
): wire.UpdateEventBusResponse {
  const bus = requireBus(context, input.Name, "name");
  checkLength(input.Description, "description", 0, 512);
  refuseSettings(input);
  const known = recordOf(context, bus);
  const description = (input.Description ?? known.description) || undefined;
  const updated = { ...known, description, lastModifiedTime: context.clock.now() };
  context.store.transaction((tx) => tx.put(eventBuses, updated));
  return {
    Arn: bus.arn,
    Name: bus.name,
    ...(description === undefined ? {} : { Description: description }),
  };
}

/** One that is not there is no error. */
export function deleteEventBus(input: wire.DeleteEventBusRequest, context: HandlerContext): object {
  const reference = readBusReference(requireMember(input.Name, "name"), "name");
  const bus = findBus(context, reference);
  if (bus === undefined) return {};
  if (bus.name === "default") throw defaultBusStays();
  if (context.store.count(eventRules, "bus", bus.arn) > 0) throw busHasRules();
  context.store.transaction((tx) => tx.delete(eventBuses, bus.arn));
  return {};
}

export function describeEventBus(
  input: wire.DescribeEventBusRequest,
  context: HandlerContext,
): wire.DescribeEventBusResponse {
  return describeBus(requireBus(context, input.Name, "name"));
}

export function listEventBuses(
  input: wire.ListEventBusesRequest,
  context: HandlerContext,
): wire.ListEventBusesResponse {
  const { NamePrefix: prefix = "" } = input;
  const { items, nextToken } = page(
    listBuses(context).filter(({ name }) => name.startsWith(prefix)),
    { token: input.NextToken, limit: readLimit(input.Limit), key: ({ name }) => name, invalidToken },
  );
  return {
    EventBuses: items.map(describeBus),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** What a change of the bus is written to. Throws ResourceNotFoundException. */
export function recordOf(context: HandlerContext, bus: FoundBus): EventBus {
  if (bus.record !== undefined) return bus.record;
  if (bus.name !== "default") throw busNotFound(bus.name);
  return newBus(context, bus.name);
}

function newBus({ scope, clock }: HandlerContext, name: string): EventBus {
  const { account, region } = scope;
  const now = clock.now();
  const arn = `arn:aws:events:${region}:${account}:event-bus/${name}`;
  return { account, region, arn, name, creationTime: now, lastModifiedTime: now, tags: [] };
}

function listBuses(context: HandlerContext): FoundBus[] {
  const { account, region } = context.scope;
  const made = context.store
    .where(eventBuses, "scope", `${account}/${region}`)
    .filter(({ name }) => name !== "default")
    .map((record) => ({ name: record.name, arn: record.arn, record }));
  return [requireBus(context, "default"), ...made];
}

function refuseSettings(settings: BusSettings): void {
  if (settings.KmsKeyIdentifier) throw unsupported("encryption of event buses (KmsKeyIdentifier)");
  if (settings.DeadLetterConfig?.Arn !== undefined) {
    throw unsupported("dead-letter queues (DeadLetterConfig): there is no Amazon SQS");
  }
  if ((settings.LogConfig?.Level ?? "OFF") !== "OFF") throw unsupported("logs of event buses (LogConfig)");
}

function describeBus({ name, arn, record }: FoundBus): wire.EventBus {
  return {
    Name: name,
    Arn: arn,
    ...(record?.description === undefined ? {} : { Description: record.description }),
    ...(record === undefined
      ? {}
      : {
          CreationTime: new Date(record.creationTime),
          LastModifiedTime: new Date(record.lastModifiedTime),
        }),
  };
}
