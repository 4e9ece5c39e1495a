/** Amazon Resource Names: `arn:aws:<service>:<region>:<account>:<resource>`. */
import type { Scope } from "./scope.ts";

export function arn(service: string, scope: Scope, resource: string): string {
  return `arn:aws:${service}:${scope.region}:${scope.account}:${resource}`;
}

/** For services without regions, such as IAM. */
export function globalArn(service: string, account: string, resource: string): string {
  return `arn:aws:${service}::${account}:${resource}`;
}

export interface ArnParts {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function parseArn(text: string): ArnParts | undefined {
  const match = /^arn:aws[a-z-]*:([^:]*):([^:]*):([^:]*):(.+)$/.exec(text);
  if (!match) return undefined;
  const [, service = "", region = "", account = "", resource = ""] = match;
  return { service, region, account, resource };
}
