/** Where a resource lives: every record carries it, and every request is answered within one. */
export interface Scope {
  /** 12 digits. */
  readonly account: string;
  /** For example `ap-northeast-1`; `aws-global` resources (IAM, Route 53) ignore it. */
  readonly region: string;
}

export function inScope(record: Scope, scope: Scope): boolean {
  return record.account === scope.account && record.region === scope.region;
}
