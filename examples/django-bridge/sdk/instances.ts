/** Container instances: as many of a type as a step wants, and no others. */
import {
  DescribeInstancesCommand,
  type EC2Client,
  type Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeContainerInstancesCommand, ListContainerInstancesCommand } from "@aws-sdk/client-ecs";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { CLUSTER, type Clients, NAME, present, until } from "./clients.ts";
import type { Step } from "./steps.ts";

const AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";

export interface InstancePlace {
  readonly subnetId: string;
  readonly securityGroup: string;
  readonly instanceProfile: string;
}

/** Returns when all of them are registered with the cluster. */
export async function ensureInstances(clients: Clients, step: Step, place: InstancePlace): Promise<string[]> {
  const { ec2 } = clients;
  const mine = await listInstances(ec2);
  const ids = mine
    .filter(({ InstanceType }) => InstanceType === step.instanceType)
    .slice(0, step.instances)
    .map(({ InstanceId }) => present(InstanceId, "InstanceId"));
  const missing = step.instances - ids.length;
  if (missing > 0) ids.push(...(await launch(clients, step, place, missing)));
  await until("the instances are registered with the cluster", 180, async () => {
    const registered = await registeredInstances(clients);
    return ids.every((id) => registered.includes(id));
  });
  const others = mine.map(({ InstanceId = "" }) => InstanceId).filter((id) => !ids.includes(id));
  if (others.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds: others }));
  return ids;
}

async function listInstances(ec2: EC2Client): Promise<Instance[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "tag:Name", Values: [NAME] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

async function launch(clients: Clients, step: Step, place: InstancePlace, count: number): Promise<string[]> {
  const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: AMI }));
  const { Instances = [] } = await clients.ec2.send(
    new RunInstancesCommand({
      ImageId: present(Parameter?.Value, "Value"),
      InstanceType: step.instanceType,
      MinCount: count,
      MaxCount: count,
      SubnetId: place.subnetId,
      SecurityGroupIds: [place.securityGroup],
      IamInstanceProfile: { Name: place.instanceProfile },
      UserData: Buffer.from(`#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\n`).toString(
        "base64",
      ),
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: NAME }] }],
    }),
  );
  return Instances.map(({ InstanceId }) => present(InstanceId, "InstanceId"));
}

async function registeredInstances({ ecs }: Clients): Promise<(string | undefined)[]> {
  const { containerInstanceArns = [] } = await ecs.send(
    new ListContainerInstancesCommand({ cluster: CLUSTER, status: "ACTIVE" }),
  );
  if (containerInstanceArns.length === 0) return [];
  const { containerInstances = [] } = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster: CLUSTER, containerInstances: containerInstanceArns }),
  );
  return containerInstances
    .filter(({ agentConnected }) => agentConnected === true)
    .map(({ ec2InstanceId }) => ec2InstanceId);
}
