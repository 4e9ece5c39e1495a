/** Whether an AWS service may write to a log group, by the resource policies of CloudWatch Logs. */
import { parsePolicy } from "../model/iam/policy/document.ts";
import { type AccessRequest, evaluateAccess } from "../model/iam/policy/evaluate.ts";
import type { LogGroup } from "../model/logs/records.ts";
import type { StoreReader } from "./store.ts";
import { logResourcePolicies } from "./tables/logs.ts";

export interface ServiceWriting {
  /** Names under which the service's policies are written: any of them will do. */
  readonly services: readonly string[];
  /** What the service writes for: `aws:SourceArn`. */
  readonly sourceArn: string;
}

/** The action that no policy allows; undefined when all is well. */
export function deniedLogAction(
  store: StoreReader,
  group: LogGroup,
  streamName: string,
  writing: ServiceWriting,
): "logs:CreateLogStream" | "logs:PutLogEvents" | undefined {
  const resource = `${group.arn}:log-stream:${streamName}`;
  const statements = store
    .where(logResourcePolicies, "scope", `${group.account}/${group.region}`)
    .flatMap(({ policyDocument }) => parsePolicy(policyDocument) ?? []);
  const context: AccessRequest["context"] = new Map([
    ["aws:sourcearn", [writing.sourceArn]],
    ["aws:sourceaccount", [group.account]],
  ]);
  const allowed = (action: string): boolean =>
    writing.services.some((service) => {
      const decisions = statements.map((document) =>
        evaluateAccess(
          { identity: [], resource: { name: "resource policy", document }, resourceAccount: group.account },
          { action, resource, principal: { account: group.account, arn: "", service }, context },
        ),
      );
      return (
        decisions.some(({ effect }) => effect === "allow") &&
        !decisions.some(({ effect }) => effect === "explicit-deny")
      );
    });
  return (["logs:CreateLogStream", "logs:PutLogEvents"] as const).find((action) => !allowed(action));
}
