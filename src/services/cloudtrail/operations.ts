import type * as sdk from "@aws-sdk/client-cloudtrail";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import { validation } from "./errors.ts";
import { lookupEvents } from "./lookup-events.ts";
import { describeTrails, listTrails } from "./trails.ts";

export const operations = {
  DescribeTrails: describeTrails,
  ListTrails: listTrails,
  LookupEvents: lookupEvents,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return validation(fault.message);
    return validation(constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
