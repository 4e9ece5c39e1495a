/** The ECS agent of an instance as it starts: reads its configuration and registers with the cluster. */
import { arn } from "../../model/arn.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { type AgentConfiguration, parseAgentConfiguration } from "../../model/ecs/agent-configuration.ts";
import { newContainerInstance } from "../../model/ecs/container-instance.ts";
import type { Cluster } from "../../model/ecs/records.ts";
import type { Role } from "../../model/iam/records.ts";
import type { Scope } from "../../model/scope.ts";
import { effectiveSetting, trunkingEnabled } from "../../store/account-settings.ts";
import { decideForRole, mayServiceAssume } from "../../store/iam-access.ts";
import { roleOfInstance } from "../../store/instance-role.ts";
import type { StoreReader } from "../../store/store.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { capacityProviders, clusters, containerInstances } from "../../store/tables/ecs.ts";
import { agentLine } from "./console.ts";
import { engineError, type InstanceDeps, print } from "./write-instance.ts";

const CONFIGURATION = "/etc/ecs/ecs.config";
const READ_SECONDS = 20;

/** As the AWS SDK for Go says it when the instance has no role. */
const NO_CREDENTIALS =
  "get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, http response error StatusCode: 404, request to EC2 IMDS failed";

/** Undefined when it registered; else the error that the agent logs, and is started again after. */
export async function startAgent(deps: InstanceDeps, instance: Instance): Promise<string | undefined> {
  const read = await deps.runtime.runInSandbox(instance.instanceId, {
    arguments: ["cat", CONFIGURATION],
    timeoutSeconds: READ_SECONDS,
  });
  if (!read.ok) throw engineError(read.failure);
  const text = read.value.exitCode === 0 ? read.value.output : "";
  const agent = parseAgentConfiguration(text);
  const named = /^\s*ECS_CLUSTER\s*=\s*\S/m.test(text);
  return register(deps, instance, agent, named);
}

function register(
  deps: InstanceDeps,
  instance: Instance,
  agent: AgentConfiguration,
  named: boolean,
): string | undefined {
  const { store, clock, random } = deps;
  const instanceType = findInstanceType(instance.instanceType);
  if (instanceType === undefined) return `unknown instance type ${instance.instanceType}`;
  const role = roleOfInstance(store, instance);
  if (role === undefined || !mayServiceAssume(role, "ec2.amazonaws.com")) {
    return `operation error ECS: RegisterContainerInstance, ${NO_CREDENTIALS}`;
  }
  const clusterArn = arn("ecs", instance, `cluster/${agent.cluster.split("/").at(-1)}`);
  const denied = deniedTo(store, role, instance, "ecs:RegisterContainerInstance", clusterArn);
  if (denied !== undefined) return refusal("RegisterContainerInstance", denied, random.uuid());
  const known = store.get(clusters, clusterArn);
  const cluster =
    known?.status === "ACTIVE"
      ? known
      : named || deniedTo(store, role, instance, "ecs:CreateCluster", "*") !== undefined
        ? undefined
        : newCluster(store, instance, clusterArn, agent.cluster);
  if (cluster === undefined) {
    return refusal("RegisterContainerInstance", "ClientException: Cluster not found.", random.uuid());
  }
  const registered = newContainerInstance(
    {
      scope: { account: instance.account, region: instance.region },
      cluster,
      instance,
      instanceType,
      agent,
      trunking: trunkingEnabled(store, instance, role.arn),
      capacityProviderName: capacityProviderOf(store, instance, cluster),
      now: clock.now(),
    },
    random,
  );
  store.transaction((tx) => {
    if (cluster !== known) tx.put(clusters, cluster);
    tx.put(containerInstances, registered);
  });
  const now = clock.now();
  print(
    deps,
    instance.instanceId,
    agentLine("info", "Registering Instance with ECS", now) +
      agentLine("info", "Registered container instance with cluster!", now) +
      agentLine("info", "Registration completed successfully", now, {
        instanceArn: registered.arn,
        cluster: cluster.name,
      }),
  );
  return undefined;
}

/** The service's refusal (IAM user guide, "Troubleshoot access denied error messages"); undefined when it may. */
function deniedTo(
  store: StoreReader,
  role: Role,
  { instanceId }: Instance,
  action: string,
  resource: string,
): string | undefined {
  const decision = decideForRole(store, role, { action, resource, context: new Map() });
  if (decision.effect === "allow") return undefined;
  const session = `arn:aws:sts::${role.account}:assumed-role/${role.roleName}/${instanceId}`;
  const why =
    decision.effect === "explicit-deny"
      ? "with an explicit deny in an identity-based policy"
      : `because no ${decision.missing === "boundary" ? "permissions boundary" : "identity-based policy"} allows the ${action} action`;
  return `AccessDeniedException: User: ${session} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

function refusal(operation: string, error: string, requestId: string): string {
  return `operation error ECS: ${operation}, https response error StatusCode: 400, RequestID: ${requestId}, ${error}`;
}

/** An agent that is told no cluster creates `default` (amazon-ecs-agent, `RegisterContainerInstance`). */
function newCluster(store: StoreReader, scope: Scope, clusterArn: string, name: string): Cluster {
  const insights = effectiveSetting(store, scope, undefined, "containerInsights");
  return {
    account: scope.account,
    region: scope.region,
    arn: clusterArn,
    name,
    status: "ACTIVE",
    settings: [{ name: "containerInsights", value: insights }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    tags: [],
  };
}

/** The cluster's capacity provider whose Auto Scaling group launched the instance. */
function capacityProviderOf(store: StoreReader, instance: Instance, cluster: Cluster): string | undefined {
  const member = store.get(autoScalingInstances, instance.instanceId);
  if (member === undefined) return undefined;
  const group = store.get(autoScalingGroups, `${member.account}/${member.region}|${member.groupName}`);
  if (group === undefined) return undefined;
  return store
    .where(capacityProviders, "autoScalingGroup", group.arn)
    .find(({ name, status }) => status === "ACTIVE" && cluster.capacityProviders.includes(name))?.name;
}
