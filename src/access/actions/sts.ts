import type * as sdk from "@aws-sdk/client-sts";
import { type ActionRules, ANY } from "./action.ts";

export const stsActions = {
  // The role's trust policy decides.
  AssumeRole: { byHandler: true },
  GetCallerIdentity: { open: true },
  GetSessionToken: { open: true },
  GetAccessKeyInfo: ANY,
} satisfies ActionRules<typeof sdk>;
