/** All tasks of a deployment run one image, also when its tag has moved; the next deployment takes the new one. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BatchDeleteImageCommand } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { present, startTestBerth, type TestBerth, until } from "./harness.ts";
import { makeArchive, pushImage, pushVersion } from "./image.ts";
import { createGroup, createNetwork } from "./network.ts";
import { CLUSTER, createService, registerTask, runInTask, tasksOf, untilSteady } from "./tasks.ts";

const REPOSITORY = "versions";
const IMAGE = `000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/${REPOSITORY}:latest`;

describe("versions of an image", { timeout: 5 * 60_000 }, () => {
  let berth: TestBerth;

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    await pushImage(berth.ecr, berth.stateDirectory, REPOSITORY, (folder) => withVersion(folder, "one"));
    const network = await createNetwork(berth, "10.83");
    const place = {
      subnet: network.publicSubnetIds[0],
      securityGroup: await createGroup(berth, network.vpcId, "versions"),
    };
    const consistent = await registerTask(berth, "consistent", { image: IMAGE });
    await createService(berth, "consistent", consistent, place);
    const changing = await registerTask(berth, "changing", { image: IMAGE, versionConsistency: "disabled" });
    await createService(berth, "changing", changing, place);
    await untilSteady(berth, "consistent", 1);
    await untilSteady(berth, "changing", 1);
    await pushVersion(berth.ecr, berth.stateDirectory, REPOSITORY, (folder) => withVersion(folder, "two"));
  });
  after(() => berth?.down());

  function withVersion(folder: string, version: string): string {
    return makeArchive(folder, (root) => writeFileSync(join(root, "etc/version"), version));
  }

  async function scaled(serviceName: string, desiredCount: number, force = false): Promise<Task[]> {
    await berth.ecs.send(
      new UpdateServiceCommand({
        cluster: CLUSTER,
        service: serviceName,
        desiredCount,
        forceNewDeployment: force,
      }),
    );
    return untilSteady(berth, serviceName, desiredCount);
  }

  async function versionsOf(tasks: readonly Task[]): Promise<string[]> {
    const read = async ({ taskArn = "" }: Task) =>
      (await runInTask(berth, taskArn, "web", ["/bin/busybox", "cat", "/etc/version"])).stdout;
    return (await Promise.all(tasks.map(read))).sort();
  }

  it("a task that joins runs what the first one pulled, though the tag has moved", async () => {
    const tasks = await scaled("consistent", 2);
    assert.deepEqual(await versionsOf(tasks), ["one", "one"]);
    assert.deepEqual(
      tasks.map(({ containers }) => containers?.[0]?.image),
      [IMAGE, IMAGE],
    );
    assert.equal(new Set(tasks.map(({ containers }) => containers?.[0]?.imageDigest)).size, 1);
    const { services } = await berth.ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: ["consistent"] }),
    );
    const digits = present(services?.[0]?.deployments?.[0]?.id, "deployment").split("/")[1];
    const revision = `${services?.[0]?.serviceArn?.replace(":service/", ":service-revision/")}/${digits}`;
    const { serviceRevisions } = await berth.ecs.send(
      new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision] }),
    );
    assert.deepEqual(serviceRevisions?.[0]?.containerImages, [
      { containerName: "web", image: IMAGE, imageDigest: tasks[0]?.containers?.[0]?.imageDigest },
    ]);
  });

  it("where the task definition turns that off, it runs what the tag means now", async () => {
    assert.deepEqual(await versionsOf(await scaled("changing", 2)), ["one", "two"]);
  });

  it("a forced deployment takes the new image", async () => {
    assert.deepEqual(await versionsOf(await scaled("consistent", 2, true)), ["two", "two"]);
  });

  it("a digest that was deleted from the repository cannot be pulled any more", async () => {
    const [task] = await tasksOf(berth, "consistent");
    const imageDigest = present(task?.containers?.[0]?.imageDigest, "digest");
    await pushVersion(berth.ecr, berth.stateDirectory, REPOSITORY, (folder) => withVersion(folder, "three"));
    await berth.ecr.send(
      new BatchDeleteImageCommand({ repositoryName: REPOSITORY, imageIds: [{ imageDigest }] }),
    );
    await berth.ecs.send(
      new UpdateServiceCommand({ cluster: CLUSTER, service: "consistent", desiredCount: 3 }),
    );
    const reason = await until("a task has failed", 60, async () => {
      const stopped = await tasksOf(berth, "consistent", "STOPPED");
      return stopped.find(({ stoppedReason }) => stoppedReason?.startsWith("CannotPull"))?.stoppedReason;
    });
    assert.ok(reason.includes(`${REPOSITORY}@${imageDigest}: not found`), reason);
  });
});
