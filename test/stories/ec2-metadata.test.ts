/** What an instance and the tasks on it are told about themselves, and how the command line looks into an instance. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Instance } from "@aws-sdk/client-ec2";
import type { Task } from "@aws-sdk/client-ecs";
import {
  findContainerInstance,
  type Ground,
  getFromInstance,
  hostPortOf,
  inInstance,
  launch,
  register,
  runUntilRunning,
  setIngress,
  startGround,
} from "./ec2-setup.ts";
import { present, REGION } from "./harness.ts";
import { CLUSTER, runInTask } from "./tasks.ts";

const IMDS = "http://169.254.169.254/latest";
const AGENT = "http://127.0.0.1:51678";
const FOR_A_MINUTE = "X-aws-ec2-metadata-token-ttl-seconds: 60";

describe("metadata of instances", { timeout: 120_000 }, () => {
  let ground: Ground;
  let instance: Instance;
  let other: Instance;
  let task: Task;
  let containerInstanceArn: string;

  before(async () => {
    ground = await startGround("10.23");
    const userData = ['echo ECS_INSTANCE_ATTRIBUTES=\'{"rack":"r1"}\' >> /etc/ecs/ecs.config'];
    [instance, other] = await Promise.all([
      launch(ground, { instanceType: "t3.small", userData }),
      launch(ground, { instanceType: "t3.micro", joins: false }),
    ]);
    const joined = await findContainerInstance(ground, present(instance.InstanceId, "InstanceId"));
    containerInstanceArn = present(joined?.containerInstanceArn, "containerInstanceArn");
    task = await runUntilRunning(
      ground,
      await register(ground, "looker", { portMappings: [{ containerPort: 80, hostPort: 0 }] }),
    );
  });

  after(() => ground?.down());

  const taskArn = () => present(task.taskArn, "taskArn");
  const curl = (...parameters: string[]) =>
    inInstance(ground, instance.InstanceId, "curl", "-s", "-m", "2", "--noproxy", "*", ...parameters);
  const ask = async (...parameters: string[]) => (await curl(...parameters)).stdout;
  /** By what a bare container has: a request on a socket. */
  const fromTask = async (address: string, port: number, request: string) => {
    const words = `printf '${request}' | nc -w 2 ${address} ${port}`;
    const { stdout } = await runInTask(ground, taskArn(), "web", ["sh", "-c", words]);
    return stdout;
  };

  it("IMDSv2 from the instance: nothing without a token, the instance's own facts with one", async () => {
    assert.equal(await ask("-o", "/dev/null", "-w", "%{http_code}", `${IMDS}/meta-data/`), "401");
    const token = await ask("-X", "PUT", "-H", FOR_A_MINUTE, `${IMDS}/api/token`);
    assert.match(token, /^[\w-]+={0,2}$/);
    const get = (path: string) => ask("-H", `X-aws-ec2-metadata-token: ${token}`, `${IMDS}/${path}`);
    const told: Record<string, string | undefined> = {};
    for (const name of ["instance-id", "local-ipv4", "public-ipv4", "instance-type", "ami-id"]) {
      told[name] = await get(`meta-data/${name}`);
    }
    assert.deepEqual(told, {
      "instance-id": instance.InstanceId,
      "local-ipv4": instance.PrivateIpAddress,
      "public-ipv4": instance.PublicIpAddress,
      "instance-type": "t3.small",
      "ami-id": ground.imageId,
    });
    assert.equal(await get("meta-data/placement/availability-zone"), `${REGION}a`);
    assert.match(await get("user-data"), new RegExp(`^#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >>`));
    const document = JSON.parse(await get("dynamic/instance-identity/document"));
    assert.equal(document.instanceId, instance.InstanceId);
    const role = await get("meta-data/iam/security-credentials/");
    const credentials = JSON.parse(await get(`meta-data/iam/security-credentials/${role}`));
    assert.equal(credentials.Code, "Success");
    assert.match(credentials.AccessKeyId, /^ASIA/);
    assert.equal(
      await ask("-o", "/dev/null", "-w", "%{http_code}", "-H", "X-aws-ec2-metadata-token: no", `${IMDS}/`),
      "401",
    );
  });

  it("IMDSv2 from a task on docker0, too", async () => {
    const put = `PUT /latest/api/token HTTP/1.0\\r\\n${FOR_A_MINUTE}\\r\\nContent-Length: 0\\r\\n\\r\\n`;
    const answer = await fromTask("169.254.169.254", 80, put);
    const token = present(answer.match(/\r\n\r\n([\w-]+={0,2})$/)?.[1], `token in ${answer}`);
    const get = `GET /latest/meta-data/instance-id HTTP/1.0\\r\\nX-aws-ec2-metadata-token: ${token}\\r\\n\\r\\n`;
    assert.ok((await fromTask("169.254.169.254", 80, get)).endsWith(`\r\n\r\n${instance.InstanceId}`));
  });

  it("the agent tells the instance and its containers, and nobody else", async () => {
    const metadata = JSON.parse(await ask(`${AGENT}/v1/metadata`));
    assert.equal(metadata.Cluster, CLUSTER);
    assert.equal(metadata.ContainerInstanceArn, containerInstanceArn);
    assert.match(metadata.Version, /^Amazon ECS Agent - v1\.\d+\.\d+ \([0-9a-f*]+\)$/);
    const { Tasks } = JSON.parse(await ask(`${AGENT}/v1/tasks`));
    assert.equal(Tasks.length, 1);
    assert.equal(Tasks[0].Arn, taskArn());
    assert.equal(Tasks[0].KnownStatus, "RUNNING");
    const [container] = Tasks[0].Containers;
    const [one] = task.containers ?? [];
    assert.equal(container.DockerId, one?.runtimeId);
    assert.equal(container.Ports[0].HostPort, hostPortOf(task));
    const byId = JSON.parse(await ask(`${AGENT}/v1/tasks?dockerid=${container.DockerId.slice(0, 12)}`));
    assert.equal(byId.Arn, taskArn());

    const get = "GET /v1/metadata HTTP/1.0\\r\\n\\r\\n";
    for (const address of ["172.17.0.1"]) {
      assert.ok((await fromTask(address, 51678, get)).includes(containerInstanceArn), address);
    }
    await setIngress(ground, true, [0, 65535], "0.0.0.0/0");
    const { PrivateIpAddress } = instance;
    const outside = await getFromInstance(ground, other.InstanceId, `http://${PrivateIpAddress}:51678/`);
    assert.notEqual(outside.exitCode, 0, outside.stdout);
    assert.equal(outside.stdout, "");
    const page = `http://${PrivateIpAddress}:${hostPortOf(task)}/`;
    assert.equal((await getFromInstance(ground, other.InstanceId, page)).stdout, "ok\n");
  });

  it("./berth instance ls, shell and network show the instance", async () => {
    const { stdout } = await ground.command(["instance", "ls", "--json"]);
    const listed = JSON.parse(stdout).find(({ id }: { id: string }) => id === instance.InstanceId);
    assert.equal(listed.type, "t3.small");
    assert.equal(listed.cluster, CLUSTER);
    assert.equal(listed.tasks, 1);
    const table = (await ground.command(["instance", "ls"])).stdout;
    assert.match(
      table,
      new RegExp(`^${instance.InstanceId} +t3\\.small +running +${REGION}a +10\\.23\\.1\\.`, "m"),
    );

    const shell = async (...command: string[]) => {
      const finished = await inInstance(ground, instance.InstanceId, ...command);
      assert.equal(finished.exitCode, 0, finished.stderr);
      return finished.stdout;
    };
    const addresses = await shell("ip", "-4", "-o", "addr");
    assert.match(addresses, new RegExp(`eth0\\s+inet ${instance.PrivateIpAddress}/24`));
    assert.match(addresses, /docker0\s+inet 172\.17\.0\.1\/16/);
    assert.equal(
      await shell("cat", "/etc/ecs/ecs.config"),
      `ECS_CLUSTER=${CLUSTER}\nECS_INSTANCE_ATTRIBUTES={"rack":"r1"}\n`,
    );
    assert.equal((await shell("hostname")).trim().split(".")[0], instance.PrivateDnsName?.split(".")[0]);
    const [inspected] = JSON.parse(await shell("docker", "network", "inspect", "bridge"));
    const network = await ground.command([
      "instance",
      "network",
      present(instance.InstanceId, "id"),
      "bridge",
    ]);
    assert.deepEqual(JSON.parse(network.stdout), [inspected]);
    assert.equal(inspected.Name, "bridge");
    const containers: { Name: string; IPv4Address: string }[] = Object.values(inspected.Containers);
    assert.equal(containers.length, 1);
    assert.match(containers[0]?.Name ?? "", /^ecs-looker-1-web-[0-9a-f]{20}$/);
    assert.equal(containers[0]?.IPv4Address, "172.17.0.2/16");
    const { exitCode, stderr } = await inInstance(ground, "i-none", "true");
    assert.equal(exitCode, 4, stderr);
  });

  it("attributes of the agent's configuration are the container instance's", async () => {
    const joined = await findContainerInstance(ground, present(instance.InstanceId, "InstanceId"));
    const attributes = new Map(joined?.attributes?.map(({ name, value }) => [name, value]));
    assert.equal(attributes.get("rack"), "r1");
    assert.equal(attributes.get("ecs.instance-type"), "t3.small");
    assert.equal(attributes.get("ecs.ami-id"), ground.imageId);
    const registered = new Map(joined?.registeredResources?.map((one) => [one.name, one]));
    const remaining = new Map(joined?.remainingResources?.map((one) => [one.name, one]));
    assert.equal(registered.get("CPU")?.integerValue, 2048);
    const used = (registered.get("MEMORY")?.integerValue ?? 0) - (remaining.get("MEMORY")?.integerValue ?? 0);
    assert.equal(used, 64);
    assert.deepEqual(registered.get("PORTS")?.stringSetValue?.toSorted(), [
      "22",
      "2375",
      "2376",
      "51678",
      "51679",
    ]);
  });
});
