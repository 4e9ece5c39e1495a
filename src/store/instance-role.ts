/** The role that an EC2 instance has through its instance profile. */
import type { Instance } from "../model/ec2/records.ts";
import type { InstanceProfile, Role } from "../model/iam/records.ts";
import type { StoreReader } from "./store.ts";
import { instanceProfiles, roles } from "./tables/iam.ts";

type OfInstance = Pick<Instance, "account" | "iamInstanceProfileArn">;

export function profileOfInstance(
  store: StoreReader,
  { account, iamInstanceProfileArn }: OfInstance,
): InstanceProfile | undefined {
  const name = iamInstanceProfileArn?.split("/").at(-1);
  return name === undefined ? undefined : store.get(instanceProfiles, `${account}/${name}`);
}

/** A profile has one role at most. */
export function roleOfInstance(store: StoreReader, instance: OfInstance): Role | undefined {
  const [roleName] = profileOfInstance(store, instance)?.roleNames ?? [];
  return roleName === undefined ? undefined : store.get(roles, `${instance.account}/${roleName}`);
}
