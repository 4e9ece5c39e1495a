import type * as sdk from "@aws-sdk/client-sts";
import { type ActionRules, ANY, tagList } from "./action.ts";

export const stsActions = {
  // The role's trust policy decides.
  AssumeRole: { byHandler: true },
  GetCallerIdentity: { open: true },
  GetSessionToken: { open: true },
  GetAccessKeyInfo: ANY,
  GetFederationToken: {
    on: (input, call) => [`arn:aws:sts::${call.scope.account}:federated-user/${input.Name ?? ""}`],
    tags: (input) => tagList(input.Tags),
  },
} satisfies ActionRules<typeof sdk>;
