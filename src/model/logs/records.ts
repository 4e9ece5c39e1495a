import type { Scope } from "../scope.ts";

/** Log groups and streams; the lines themselves live in the log store, not in the change feed. */
export interface LogGroup extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly creationTime: number;
  readonly retentionInDays?: number | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly logGroupClass: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream extends Scope {
  readonly arn: string;
  readonly groupArn: string;
  readonly name: string;
  readonly creationTime: number;
}

/** What AWS services may do with the log groups of an account and region. */
export interface LogResourcePolicy extends Scope {
  readonly policyName: string;
  /** JSON, as it was given. */
  readonly policyDocument: string;
  readonly lastUpdatedTime: number;
}
