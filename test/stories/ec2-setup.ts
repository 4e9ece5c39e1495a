/** Container instances as users launch them, and tasks on them; what the stories of launch type EC2 share. */
import assert from "node:assert/strict";
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeInstancesCommand,
  type Instance,
  ModifySubnetAttributeCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import {
  type ContainerDefinition,
  type ContainerInstance,
  CreateClusterCommand,
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type NetworkBinding,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type RunTaskCommandOutput,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type Finished, present, REGION, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createGroup, createNetwork, type Network } from "./network.ts";
import { CLUSTER, untilStatus } from "./tasks.ts";

export const AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
export const PROFILE = "ecsInstanceRole";

export interface Ground extends TestBerth {
  readonly network: Network;
  /** Of the instances; lets nothing in before a story says so. */
  readonly securityGroup: string;
  readonly imageId: string;
}

/** A Berth with the cluster, a VPC whose public subnets give addresses, a security group, and an instance profile. */
export async function startGround(range: string): Promise<Ground> {
  const berth = await startTestBerth();
  await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  await makeInstanceProfile(berth);
  const network = await createNetwork(berth, range);
  for (const SubnetId of network.publicSubnetIds) {
    await berth.ec2.send(
      new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }),
    );
  }
  const securityGroup = await createGroup(berth, network.vpcId, "instances");
  const ssm = new SSMClient(optionsOf(berth));
  const { Parameters } = await ssm.send(new GetParametersCommand({ Names: [AMI] }));
  const imageId = present(Parameters?.[0]?.Value, "image id");
  return { ...berth, network, securityGroup, imageId };
}

/** For clients that the harness does not have. */
export function optionsOf({ endpoint }: TestBerth) {
  return {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
}

async function makeInstanceProfile(berth: TestBerth): Promise<void> {
  const iam = new IAMClient(optionsOf(berth));
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
  };
  await iam.send(
    new CreateRoleCommand({ RoleName: PROFILE, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam.send(
    new AttachRolePolicyCommand({
      RoleName: PROFILE,
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    }),
  );
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: PROFILE }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: PROFILE, RoleName: PROFILE }));
}

export interface Launch {
  readonly instanceType: RunInstancesCommandInput["InstanceType"];
  /** The first public one unless told otherwise. */
  readonly subnet?: string;
  /** False for an instance that joins no cluster. */
  readonly joins?: boolean;
  /** Lines after the one that names the cluster. */
  readonly userData?: readonly string[];
}

/** As EC2 tells of it when it runs; in the cluster, if it is to join. */
export async function launch(ground: Ground, options: Launch): Promise<Instance> {
  const joins = options.joins ?? true;
  const script = [
    "#!/bin/bash",
    ...(joins ? [`echo ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config`] : []),
    ...(options.userData ?? []),
  ];
  const { Instances } = await ground.ec2.send(
    new RunInstancesCommand({
      ImageId: ground.imageId,
      InstanceType: options.instanceType,
      MinCount: 1,
      MaxCount: 1,
      SubnetId: options.subnet ?? ground.network.publicSubnetIds[0],
      SecurityGroupIds: [ground.securityGroup],
      IamInstanceProfile: { Name: PROFILE },
      UserData: Buffer.from(`${script.join("\n")}\n`).toString("base64"),
    }),
  );
  const id = present(Instances?.[0]?.InstanceId, "InstanceId");
  if (joins) await untilJoined(ground, id);
  return until(`instance ${id} runs`, 30, async () => {
    const instance = await describeInstance(ground, id);
    return instance.State?.Name === "running" && instance;
  });
}

export async function describeInstance({ ec2 }: TestBerth, id: string): Promise<Instance> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return present(Reservations?.[0]?.Instances?.[0], `instance ${id}`);
}

export async function findContainerInstance(
  { ecs }: TestBerth,
  instanceId: string,
): Promise<ContainerInstance | undefined> {
  const { containerInstanceArns = [] } = await ecs.send(
    new ListContainerInstancesCommand({ cluster: CLUSTER, filter: `ec2InstanceId == '${instanceId}'` }),
  );
  if (containerInstanceArns.length === 0) return undefined;
  const { containerInstances } = await ecs.send(
    new DescribeContainerInstancesCommand({
      cluster: CLUSTER,
      containerInstances: containerInstanceArns,
      include: ["TAGS", "CONTAINER_INSTANCE_HEALTH"],
    }),
  );
  return containerInstances?.[0];
}

export function untilJoined(berth: TestBerth, instanceId: string): Promise<ContainerInstance> {
  return until(`${instanceId} is in the cluster`, 30, async () => {
    const found = await findContainerInstance(berth, instanceId);
    return found?.status === "ACTIVE" && found.agentConnected === true && found;
  });
}

export type Definition = Partial<RegisterTaskDefinitionCommandInput>;

/** One container, `web`, of the test image, unless `more` gives others. */
export async function register(
  { ecs, image }: TestBerth,
  family: string,
  container: Partial<ContainerDefinition>,
  more: Definition = {},
): Promise<string> {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ["EC2"],
      executionRoleArn: "arn:aws:iam::000000000000:role/stories",
      containerDefinitions: [webContainer(image, family, container)],
      ...more,
    }),
  );
  return present(taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
}

export function webContainer(
  image: string,
  who: string,
  more: Partial<ContainerDefinition>,
): ContainerDefinition {
  return {
    name: "web",
    image,
    memory: 64,
    environment: [{ name: "NAME", value: who }],
    stopTimeout: 2,
    ...more,
  };
}

export function runTask(
  { ecs }: TestBerth,
  taskDefinition: string,
  more: Partial<RunTaskCommandInput> = {},
): Promise<RunTaskCommandOutput> {
  return ecs.send(new RunTaskCommand({ cluster: CLUSTER, taskDefinition, launchType: "EC2", ...more }));
}

/** Returns the task when it runs. */
export async function runUntilRunning(
  berth: TestBerth,
  taskDefinition: string,
  more: Partial<RunTaskCommandInput> = {},
): Promise<Task> {
  const { tasks, failures } = await runTask(berth, taskDefinition, more);
  assert.deepEqual(failures, []);
  return untilStatus(berth, present(tasks?.[0]?.taskArn, "taskArn"), "RUNNING");
}

export async function stop(berth: TestBerth, ...tasks: readonly Task[]): Promise<void> {
  for (const { taskArn } of tasks) {
    await berth.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: taskArn }));
  }
  for (const { taskArn } of tasks) await untilStatus(berth, present(taskArn, "taskArn"), "STOPPED");
}

/** Every task of the cluster that is meant to run. */
export async function stopAll(berth: TestBerth): Promise<void> {
  const { taskArns = [] } = await berth.ecs.send(new ListTasksCommand({ cluster: CLUSTER }));
  await stop(berth, ...taskArns.map((taskArn) => ({ taskArn })));
}

export function bindingsOf(task: Task, container = "web"): NetworkBinding[] {
  return task.containers?.find(({ name }) => name === container)?.networkBindings ?? [];
}

export function hostPortOf(task: Task, container = "web"): number {
  return present(bindingsOf(task, container)[0]?.hostPort, "hostPort");
}

/** This machine's programs in the instance's network. */
export function inInstance(
  berth: TestBerth,
  instanceId: string | undefined,
  ...command: readonly string[]
): Promise<Finished> {
  return berth.command(["instance", "shell", instanceId ?? "", "--", ...command]);
}

/** HTTP from an instance; exit code 7 (refused) or 28 (no answer) where nobody does. */
export function getFromInstance(
  berth: TestBerth,
  instanceId: string | undefined,
  url: string,
  ...more: readonly string[]
): Promise<Finished> {
  return inInstance(berth, instanceId, "curl", "-s", "-m", "2", "--noproxy", "*", ...more, url);
}

/** Lets a range of addresses in, or no longer. */
export async function setIngress(
  { ec2, securityGroup }: Ground,
  allowed: boolean,
  ports: readonly [number, number],
  CidrIp: string,
): Promise<void> {
  const [FromPort, ToPort] = ports;
  const given = {
    GroupId: securityGroup,
    IpPermissions: [{ IpProtocol: "tcp", FromPort, ToPort, IpRanges: [{ CidrIp }] }],
  };
  if (allowed) await ec2.send(new AuthorizeSecurityGroupIngressCommand(given));
  else await ec2.send(new RevokeSecurityGroupIngressCommand(given));
}
