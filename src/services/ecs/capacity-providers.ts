/** Capacity providers on Auto Scaling groups, and AWS's own two (developer guide, "Amazon ECS capacity providers"). */
import type * as wire from "@aws-sdk/client-ecs";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import type { CapacityProvider } from "../../model/ecs/records.ts";
import type { Transaction } from "../../store/store.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import { capacityProviders, clusters } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults, readTags } from "./constraints.ts";
import {
  capacityProviderMissing,
  clientException,
  invalidParameter,
  invalidToken,
  unsupportedFeature,
} from "./errors.ts";
import {
  capacityProviderArn,
  capacityProviderName,
  findCapacityProvider,
  requireCluster,
} from "./resolve.ts";
import { describeCapacityProvider, describeFargateProvider } from "./views/capacity-provider.ts";

const FARGATE_PROVIDERS = ["FARGATE", "FARGATE_SPOT"];

export function createCapacityProvider(
  input: wire.CreateCapacityProviderRequest,
  context: HandlerContext,
): wire.CreateCapacityProviderResponse {
  const { store, scope } = context;
  const name = input.name ?? "";
  checkName(name);
  if (input.managedInstancesProvider !== undefined) {
    throw unsupportedFeature("Berth does not implement Amazon ECS Managed Instances yet.");
  }
  const given = input.autoScalingGroupProvider;
  if (given === undefined) throw invalidParameter("autoScalingGroupProvider can not be blank.");
  const group = requireGroup(context, given.autoScalingGroupArn ?? "");
  const existing = findCapacityProvider(context, name);
  if (existing?.status === "ACTIVE") {
    throw clientException(
      "The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.",
    );
  }
  const users = store.where(capacityProviders, "autoScalingGroup", group.arn);
  if (users.some(({ status }) => status === "ACTIVE")) {
    throw clientException(
      "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.",
    );
  }
  const provider: CapacityProvider = {
    ...scope,
    arn: capacityProviderArn(scope, name),
    name,
    status: "ACTIVE",
    autoScalingGroupProvider: {
      autoScalingGroupArn: group.arn,
      ...readSettings(given, group, {
        managedScaling: given.managedScaling === undefined ? "DISABLED" : "ENABLED",
      }),
    },
    createdAt: context.clock.now(),
    tags: readTags(input.tags),
  };
  store.transaction((tx) => {
    tx.put(capacityProviders, provider);
    markGroup(tx, group);
  });
  return { capacityProvider: describeCapacityProvider(provider, ["TAGS"]) };
}

export function updateCapacityProvider(
  input: wire.UpdateCapacityProviderRequest,
  context: HandlerContext,
): wire.UpdateCapacityProviderResponse {
  const provider = requireCapacityProvider(context, input.name);
  const before = provider.autoScalingGroupProvider;
  const group = requireGroup(context, before.autoScalingGroupArn ?? "");
  const given = input.autoScalingGroupProvider ?? {};
  const merged = {
    ...before,
    ...given,
    ...(given.managedScaling === undefined
      ? {}
      : { managedScaling: { ...before.managedScaling, ...given.managedScaling } }),
  };
  const changed: CapacityProvider = {
    ...provider,
    autoScalingGroupProvider: {
      autoScalingGroupArn: before.autoScalingGroupArn,
      ...readSettings(merged, group, { managedScaling: "DISABLED" }),
    },
    updateStatus: "UPDATE_COMPLETE",
    updateStatusReason: undefined,
  };
  context.store.transaction((tx) => tx.put(capacityProviders, changed));
  return { capacityProvider: describeCapacityProvider(changed, ["TAGS"]) };
}

/** One that a cluster has is not deleted: only its update status tells (API reference, CapacityProvider). */
export function deleteCapacityProvider(
  input: wire.DeleteCapacityProviderRequest,
  context: HandlerContext,
): wire.DeleteCapacityProviderResponse {
  const name = capacityProviderName(input.capacityProvider ?? "");
  if (FARGATE_PROVIDERS.includes(name)) {
    throw clientException("The specified capacity provider is reserved and cannot be deleted.");
  }
  const provider = requireCapacityProvider(context, name);
  const { account, region } = context.scope;
  const user = context.store
    .where(clusters, "scope", `${account}/${region}`)
    .find((cluster) => cluster.status === "ACTIVE" && cluster.capacityProviders.includes(name));
  const changed: CapacityProvider =
    user === undefined
      ? { ...provider, status: "INACTIVE", updateStatus: "DELETE_COMPLETE", updateStatusReason: undefined }
      : {
          ...provider,
          updateStatus: "DELETE_FAILED",
          updateStatusReason: `The capacity provider cannot be deleted because it is associated with cluster: ${user.name}. Remove the capacity provider from the cluster and try again.`,
        };
  context.store.transaction((tx) => tx.put(capacityProviders, changed));
  const shown: CapacityProvider =
    user === undefined ? { ...changed, status: "ACTIVE", updateStatus: "DELETE_IN_PROGRESS" } : changed;
  return { capacityProvider: describeCapacityProvider(shown, ["TAGS"]) };
}

export function describeCapacityProviders(
  input: wire.DescribeCapacityProvidersRequest,
  context: HandlerContext,
): wire.DescribeCapacityProvidersResponse {
  const { store, scope } = context;
  const asked = input.capacityProviders ?? [];
  if (asked.length > 100) throw invalidParameter("capacityProviders can have at most 100 items.");
  const own = store
    .where(capacityProviders, "scope", `${scope.account}/${scope.region}`)
    .filter(({ status }) => status === "ACTIVE");
  const wanted = asked.length > 0 ? asked : [...FARGATE_PROVIDERS, ...own.map(({ name }) => name)];
  const cluster = input.cluster === undefined ? undefined : requireCluster(context, input.cluster);
  const found: wire.CapacityProvider[] = [];
  const failures: wire.Failure[] = [];
  for (const text of wanted) {
    const name = capacityProviderName(text);
    if (cluster !== undefined && asked.length === 0 && !cluster.capacityProviders.includes(name)) continue;
    const provider = findCapacityProvider(context, text);
    if (FARGATE_PROVIDERS.includes(name)) found.push(describeFargateProvider(scope, name));
    else if (provider !== undefined) found.push(describeCapacityProvider(provider, input.include));
    else {
      const arn = text.startsWith("arn:") ? text : capacityProviderArn(scope, text);
      failures.push({ arn, reason: "MISSING" });
    }
  }
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: asked.length > 0 ? asked.length : readMaxResults(input.maxResults, 10, 10),
    key: ({ name }) => name ?? "",
    invalidToken,
  });
  return { capacityProviders: items, failures, ...(nextToken === undefined ? {} : { nextToken }) };
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9_-]{1,255}$/.test(name) && !/^(?:aws|ecs|fargate)/i.test(name)) return;
  throw clientException(
    'The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters (upper and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with "aws", "ecs", or "fargate".',
  );
}

function requireCapacityProvider(context: HandlerContext, text: string | undefined): CapacityProvider {
  const provider = findCapacityProvider(context, text ?? "");
  if (provider?.status !== "ACTIVE") throw capacityProviderMissing();
  return provider;
}

/** By ARN, or by name. */
function requireGroup({ store, scope }: HandlerContext, text: string): AutoScalingGroup {
  const { account, region } = scope;
  const group = text.startsWith("arn:")
    ? store.where(autoScalingGroups, "arn", text)[0]
    : store.get(autoScalingGroups, `${account}/${region}|${text}`);
  if (group?.account === account && group.region === region) return group;
  throw clientException(
    "The specified Auto Scaling group ARN is invalid. Specify a valid ARN and try again.",
  );
}

const LARGEST_STEP = 10_000;

/** The defaults are the API reference's (AutoScalingGroupProvider, ManagedScaling). Throws ClientException. */
function readSettings(
  given: Omit<wire.AutoScalingGroupProvider, "autoScalingGroupArn">,
  group: AutoScalingGroup,
  fallback: { readonly managedScaling: wire.ManagedScalingStatus },
): Omit<wire.AutoScalingGroupProvider, "autoScalingGroupArn"> {
  const managedScaling = {
    status: given.managedScaling?.status ?? fallback.managedScaling,
    targetCapacity: given.managedScaling?.targetCapacity ?? 100,
    minimumScalingStepSize: given.managedScaling?.minimumScalingStepSize ?? 1,
    maximumScalingStepSize: given.managedScaling?.maximumScalingStepSize ?? LARGEST_STEP,
    instanceWarmupPeriod: given.managedScaling?.instanceWarmupPeriod ?? 300,
  };
  const { minimumScalingStepSize: least, maximumScalingStepSize: most } = managedScaling;
  if (least < 1 || most > LARGEST_STEP || least > most) {
    throw clientException("The minimum or maximum scaling step size value is invalid");
  }
  if (managedScaling.targetCapacity < 1 || managedScaling.targetCapacity > 100) {
    throw clientException("The target capacity value is invalid");
  }
  if (managedScaling.instanceWarmupPeriod < 0 || managedScaling.instanceWarmupPeriod > 10_000) {
    throw clientException("The instance warmup period value is invalid");
  }
  const managedTerminationProtection = given.managedTerminationProtection ?? "DISABLED";
  if (managedTerminationProtection === "ENABLED" && !group.newInstancesProtectedFromScaleIn) {
    throw clientException(
      "The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.",
    );
  }
  return {
    managedScaling,
    managedTerminationProtection,
    managedDraining: given.managedDraining ?? "ENABLED",
  };
}

const MARK = "AmazonECSManaged";

/** ECS tags the groups that its capacity providers scale (developer guide, "Amazon ECS capacity providers"). */
function markGroup(tx: Transaction, group: AutoScalingGroup): void {
  if (group.tags.some(({ Key }) => Key === MARK)) return;
  tx.put(autoScalingGroups, {
    ...group,
    tags: [
      ...group.tags,
      {
        Key: MARK,
        Value: "",
        PropagateAtLaunch: true,
        ResourceId: group.name,
        ResourceType: "auto-scaling-group",
      },
    ],
  });
}
