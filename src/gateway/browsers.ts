/** What a web page must not be able to do through its visitor's browser, where Berth takes any signature for the operator's. */
import { findCredential } from "./authentication.ts";
import { GatewayFault } from "./faults.ts";
import type { WireRequest } from "./protocols/protocol.ts";

/**
 * A page cannot give a request an Authorization header, but it can have any URL asked for, as that of an image or a
 * link; where it stands under a name such as `localhost.localstack.cloud`, or the user followed a link, no header of
 * the browser tells. So what is asked by a URL alone may read objects of S3, and nothing else.
 */
export function refuseByUrl(request: WireRequest): GatewayFault | undefined {
  const { headers, method } = request;
  const isBrowser = headers["sec-fetch-site"] !== undefined || /^Mozilla\//.test(headers["user-agent"] ?? "");
  if (!isBrowser || headers["authorization"] !== undefined) return undefined;
  const signingName = findCredential(request)?.signingName;
  if (signingName === undefined || (signingName === "s3" && (method === "GET" || method === "HEAD"))) {
    return undefined;
  }
  return new GatewayFault("AccessDenied", "Berth lets a browser read objects of S3 only", 403);
}
