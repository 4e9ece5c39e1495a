import type * as wire from "@aws-sdk/client-sts";
import type { Credentials } from "../../store/iam-sessions.ts";

export function describeCredentials(credentials: Credentials): wire.Credentials {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(credentials.expiration),
  };
}
