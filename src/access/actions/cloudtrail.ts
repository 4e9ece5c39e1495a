import type * as sdk from "@aws-sdk/client-cloudtrail";
import { type ActionRules, ANY } from "./action.ts";

export const cloudTrailActions = {
  DescribeTrails: ANY,
  ListTrails: ANY,
  LookupEvents: ANY,
} satisfies ActionRules<typeof sdk>;
