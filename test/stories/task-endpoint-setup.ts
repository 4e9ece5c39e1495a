/** Tasks of an image with AWS's SDKs that have a role, on Fargate and on an instance, and requests from inside them. */
import assert from "node:assert/strict";
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
  ListContainerInstancesCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type Finished, present, REGION, run, type TestBerth, until } from "./harness.ts";
import { SDK_IMAGE } from "./sdk-image.ts";
import { CLUSTER, describeTask, type Place, runInTask, untilStatus } from "./tasks.ts";

export const ROLE = "arn:aws:iam::000000000000:role/app";
const EXECUTION_ROLE = "arn:aws:iam::000000000000:role/execution";
const AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";

/** In a task, with its own environment: prints status and body of one request. */
const ASK = `
const [method, url, headers = "{}", body] = process.argv.slice(1);
try {
  const signal = AbortSignal.timeout(3000);
  const answer = await fetch(url, { method, headers: JSON.parse(headers), body, signal });
  console.log(JSON.stringify({ status: answer.status, body: await answer.text() }));
} catch (error) {
  console.log(JSON.stringify({ status: 0, body: String(error.cause?.code ?? error.name) }));
}`;

export function idOf(task: string): string {
  return task.split("/").at(-1) ?? "";
}

function optionsOf({ endpoint }: TestBerth) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { endpoint, region: REGION, credentials, maxAttempts: 1 };
}

/** Of tasks, of their execution, and of instances. */
export async function createRoles(berth: TestBerth): Promise<void> {
  const iam = new IAMClient(optionsOf(berth));
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const Principal = { Service: "ecs-tasks.amazonaws.com" };
  const AssumeRolePolicyDocument = document({ Action: "sts:AssumeRole", Principal });
  await iam.send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action: ["ecs:*TaskProtection"], Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: "app", PolicyName: "own", PolicyDocument }));
  await iam.send(new CreateRoleCommand({ RoleName: "execution", AssumeRolePolicyDocument }));
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
  await iam.send(new AttachRolePolicyCommand({ RoleName: "execution", PolicyArn }));
  await iam.send(
    new CreateRoleCommand({
      RoleName: "instance",
      AssumeRolePolicyDocument: document({
        Action: "sts:AssumeRole",
        Principal: { Service: "ec2.amazonaws.com" },
      }),
    }),
  );
  const ForEc2 = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
  await iam.send(new AttachRolePolicyCommand({ RoleName: "instance", PolicyArn: ForEc2 }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "instance" }));
  await iam.send(
    new AddRoleToInstanceProfileCommand({ InstanceProfileName: "instance", RoleName: "instance" }),
  );
}

export async function register(berth: TestBerth, family: string): Promise<string> {
  const { taskDefinition } = await berth.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      taskRoleArn: ROLE,
      executionRoleArn: EXECUTION_ROLE,
      containerDefinitions: [
        { name: "web", image: SDK_IMAGE, stopTimeout: 2, dockerLabels: { team: "blue" } },
      ],
    }),
  );
  return present(taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

export async function ask(
  berth: TestBerth,
  task: string,
  url: string,
  { method = "GET", headers = {}, body = undefined as string | undefined } = {},
): Promise<Answered> {
  const sent = [method, url, JSON.stringify(headers), ...(body === undefined ? [] : [body])];
  const program = ["node", "--input-type=module", "-e", ASK, ...sent];
  const finished = await runInTask(berth, task, "web", program);
  assert.equal(finished.exitCode, 0, finished.stderr);
  return JSON.parse(finished.stdout);
}

export async function environmentOf(berth: TestBerth, task: string): Promise<Record<string, string>> {
  const { stdout } = await runInTask(berth, task, "web", ["env"]);
  return Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

export async function callWithKey(
  berth: TestBerth,
  task: string,
  key: string,
  secret: string,
  token = "",
): Promise<Finished> {
  const { containers } = await describeTask(berth, task);
  const runtimeId = present(containers?.[0]?.runtimeId, "runtimeId");
  const environment = [`AWS_ACCESS_KEY_ID=${key}`, `AWS_SECRET_ACCESS_KEY=${secret}`];
  if (token !== "") environment.push(`AWS_SESSION_TOKEN=${token}`);
  const given = environment.flatMap((one) => ["-e", one]);
  return run("docker", ["exec", ...given, runtimeId, "node", "/app/who.mjs"], { timeoutMs: 30_000 });
}

/** A container instance, as users make them. */
export async function launchInstance(berth: TestBerth, place: Place): Promise<void> {
  const { Parameter } = await new SSMClient(optionsOf(berth)).send(new GetParameterCommand({ Name: AMI }));
  const userData = `#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\n`;
  await berth.ec2.send(
    new RunInstancesCommand({
      ImageId: Parameter?.Value,
      InstanceType: "t3.small",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: place.subnet,
      SecurityGroupIds: [place.securityGroup],
      UserData: Buffer.from(userData).toString("base64"),
      IamInstanceProfile: { Name: "instance" },
    }),
  );
  await until("the instance is in its cluster", 60, async () => {
    const { containerInstanceArns = [] } = await berth.ecs.send(
      new ListContainerInstancesCommand({ cluster: CLUSTER, status: "ACTIVE" }),
    );
    return containerInstanceArns.length > 0;
  });
}

export async function startOnInstance(
  berth: TestBerth,
  place: Place,
  networkMode: "bridge" | "host" | "awsvpc",
): Promise<string> {
  await berth.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: networkMode,
      networkMode,
      taskRoleArn: ROLE,
      executionRoleArn: EXECUTION_ROLE,
      containerDefinitions: [{ name: "web", image: SDK_IMAGE, memory: 256, stopTimeout: 2 }],
    }),
  );
  const awsvpcConfiguration = { subnets: [place.subnet], securityGroups: [place.securityGroup] };
  const { tasks, failures } = await berth.ecs.send(
    new RunTaskCommand({
      cluster: CLUSTER,
      taskDefinition: networkMode,
      launchType: "EC2",
      ...(networkMode === "awsvpc" ? { networkConfiguration: { awsvpcConfiguration } } : {}),
    }),
  );
  const task = present(tasks?.[0]?.taskArn, `taskArn (${JSON.stringify(failures)})`);
  await untilStatus(berth, task, "RUNNING");
  return task;
}
