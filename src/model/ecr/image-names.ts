/** Image names: as task definitions write them, and as Docker pulls them from Berth. */
import type { Scope } from "../scope.ts";

const HOST = /^(\d{12})\.dkr\.ecr\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/;
const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/**
 * `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` becomes `<endpoint>/<the same>`: Docker pulls from
 * loopback addresses without TLS, so account and region go into the path. Other images stay as they are.
 */
export function registryReference(image: string, endpoint: string): string {
  const host = image.slice(0, Math.max(image.indexOf("/"), 0));
  return HOST.test(host) ? `${endpoint}/${image}` : image;
}

/** What comes before the repository in a `repositoryUri`. */
export function registryHost(scope: Scope): string {
  return `${scope.account}.dkr.ecr.${scope.region}.amazonaws.com`;
}

export interface RegistryName {
  readonly scope: Scope;
  readonly repositoryName: string;
}

/** Of a name in a registry path: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`. */
export function parseRegistryName(name: string): RegistryName | undefined {
  const slash = name.indexOf("/");
  const match = HOST.exec(name.slice(0, Math.max(slash, 0)));
  const repositoryName = name.slice(slash + 1);
  if (match === null || repositoryName.length > 256 || !REPOSITORY.test(repositoryName)) return undefined;
  const [, account = "", region = ""] = match;
  return { scope: { account, region }, repositoryName };
}
