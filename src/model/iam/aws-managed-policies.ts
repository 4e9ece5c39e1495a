/** Policies that AWS keeps in every account, as far as their documents matter around ECS. */
import { createHash } from "node:crypto";
import documents from "./aws-managed-policies.json" with { type: "json" };
import type { Policy } from "./records.ts";

const MANAGED_ARN = /^arn:aws:iam::aws:policy\/([\w+=,.@-]+\/)*[\w+=,.@-]+$/;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Known AWS-managed policies, in the form of records (account `aws`). */
export const awsManagedPolicies: readonly Policy[] = documents.map((entry) => ({
  account: "aws",
  arn: `arn:aws:iam::aws:policy${entry.path}${entry.name}`,
  policyName: entry.name,
  policyId: newPolicyId(entry.name),
  path: entry.path,
  versions: [
    {
      versionId: entry.version,
      document: JSON.stringify(entry.document),
      isDefault: true,
      createDate: Date.parse(entry.updateDate),
    },
  ],
  createDate: Date.parse(entry.createDate),
  updateDate: Date.parse(entry.updateDate),
  tags: [],
}));

const byArn = new Map(awsManagedPolicies.map((policy) => [policy.arn, policy]));

export function findAwsManagedPolicy(arn: string): Policy | undefined {
  return byArn.get(arn);
}

/** Every ARN of AWS's own is attachable: AWS has more than a thousand such policies, and Berth knows few. */
export function isAwsManagedArn(arn: string): boolean {
  return MANAGED_ARN.test(arn);
}

/** The same in every installation, as at AWS. */
function newPolicyId(name: string): string {
  const bytes = createHash("sha256").update(name).digest().subarray(0, 17);
  return `ANPA${Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("")}`;
}
