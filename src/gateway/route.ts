/** Which service a request is for. Clients keep our own host name, so the host tells nothing. */
import type { Credential } from "./authentication.ts";
import { formParameters } from "./protocols/aws-query.ts";
import type { WireRequest } from "./protocols/protocol.ts";
import type { CatalogEntry } from "./service-catalog.ts";

export type Route =
  | { readonly kind: "service"; readonly entry: CatalogEntry }
  /** A service of AWS that Berth does not have: named as well as the request tells. */
  | {
      readonly kind: "unknown";
      readonly service: string;
      readonly operation: string;
      readonly style: "json" | "xml";
    };

export function route(
  catalog: readonly CatalogEntry[],
  request: WireRequest,
  credential: Credential | undefined,
): Route {
  const objects = catalog.find((candidate) => candidate.speaksPaths === true);
  if (objects !== undefined && credential?.signingName === objects.signingName) {
    return { kind: "service", entry: objects };
  }
  const target = request.headers["x-amz-target"];
  if (target !== undefined) {
    // CloudTrail's model for botocore puts a Java package before the prefix that its other models have.
    const [operation = "", prefix = ""] = target.split(".").reverse();
    const entry = catalog.find((candidate) => candidate.targetPrefix === prefix);
    return entry === undefined
      ? { kind: "unknown", service: credential?.signingName ?? prefix, operation, style: "json" }
      : { kind: "service", entry };
  }
  const byPath = catalog.find(
    (candidate) => candidate.pathPrefix !== undefined && request.path.startsWith(candidate.pathPrefix),
  );
  if (byPath !== undefined) return { kind: "service", entry: byPath };
  const parameters = formParameters(request);
  const version = parameters.get("Version");
  const queryServices = catalog.filter((candidate) => candidate.queryVersion !== undefined);
  // The version tells services of one signing name apart (Elastic Load Balancing classic and v2).
  const byVersion =
    queryServices.find((candidate) => candidate.queryVersion === version) ??
    (version === null
      ? queryServices.find((candidate) => candidate.signingName === credential?.signingName)
      : undefined);
  if (byVersion !== undefined && parameters.has("Action")) return { kind: "service", entry: byVersion };
  if (objects !== undefined && credential === undefined && !parameters.has("Action")) {
    return { kind: "service", entry: objects };
  }
  return {
    kind: "unknown",
    service: credential?.signingName ?? "unknown",
    operation: parameters.get("Action") ?? `${request.method} ${request.path}`,
    style: "xml",
  };
}
