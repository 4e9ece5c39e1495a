/** The policies of a user or a role, with what the simulator tells of each. */
import type * as wire from "@aws-sdk/client-iam";
import { findAwsManagedPolicy } from "../../model/iam/aws-managed-policies.ts";
import type { Role, User } from "../../model/iam/records.ts";
import { findRoleByArn } from "../../store/iam-access.ts";
import type { StoreReader } from "../../store/store.ts";
import { policies, users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";

export interface SimulatedPolicy {
  readonly id: string;
  readonly type: wire.PolicySourceType;
  readonly text: string;
}

export type PolicySource =
  | { readonly kind: "user"; readonly entity: User }
  | { readonly kind: "role"; readonly entity: Role };

/** Throws InvalidInput or NoSuchEntity. */
export function requirePolicySource(context: HandlerContext, given: string | undefined): PolicySource {
  const arn = requireMember(given, "PolicySourceArn");
  const { account } = context.scope;
  const [, owner, kind, name] = /^arn:aws:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (kind === undefined)
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  if (owner === account && kind === "role") {
    const entity = findRoleByArn(context.store, arn);
    if (entity !== undefined) return { kind, entity };
  }
  if (owner === account && kind === "user") {
    const entity = context.store.get(users, `${account}/${name}`);
    if (entity?.arn === arn) return { kind, entity };
  }
  throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
}

export function policySourcesOf(
  store: StoreReader,
  { kind, entity }: PolicySource,
): { readonly identity: readonly SimulatedPolicy[]; readonly boundary?: SimulatedPolicy | undefined } {
  const name = kind === "user" ? entity.userName : entity.roleName;
  const boundary = entity.permissionsBoundaryArn;
  return {
    identity: [
      ...entity.inlinePolicies.map(({ policyName, policyDocument }) => ({
        id: `${kind}_${name}_${policyName}`,
        type: kind,
        text: policyDocument,
      })),
      ...entity.attachedPolicyArns.flatMap((arn) => managed(store, arn) ?? []),
    ],
    // A boundary whose policy is gone allows nothing.
    boundary:
      boundary === undefined
        ? undefined
        : (managed(store, boundary) ?? { id: boundary, type: "user-managed", text: '{"Statement":[]}' }),
  };
}

function managed(store: StoreReader, arn: string): SimulatedPolicy | undefined {
  const aws = findAwsManagedPolicy(arn);
  const policy = aws ?? store.get(policies, arn);
  const text = policy?.versions.find(({ isDefault }) => isDefault)?.document;
  if (policy === undefined || text === undefined) return undefined;
  return { id: policy.policyName, type: aws === undefined ? "user-managed" : "aws-managed", text };
}
