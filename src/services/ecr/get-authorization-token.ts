import type * as wire from "@aws-sdk/client-ecr";
import { issueRegistryPassword, PASSWORD_LIFETIME_MS } from "../../model/ecr/passwords.ts";
import type { HandlerContext } from "../operation.ts";

/** What `docker login` needs, valid for 12 hours. */
export function getAuthorizationToken(
  input: wire.GetAuthorizationTokenRequest,
  { settings, clock }: HandlerContext,
): wire.GetAuthorizationTokenResponse {
  const now = clock.now();
  const password = issueRegistryPassword(settings.registrySecret, now);
  const data: wire.AuthorizationData = {
    authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
    expiresAt: new Date(now + PASSWORD_LIFETIME_MS),
    proxyEndpoint: `http://${settings.endpoint}`,
  };
  return { authorizationData: (input.registryIds ?? [""]).map(() => data) };
}
