import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Deployment } from "../../model/ecs/records.ts";
import { images, repositories } from "../../store/tables/ecr.ts";
import { deployments } from "../../store/tables/ecs.ts";
import { isDeletedImage, keepDigests, resolvedImage } from "./image-digests.ts";
import { createTaskWorld, DEFINITION_ARN, ECS, SCOPE, type TaskWorld } from "./testing.ts";

const ONE = `sha256:${"1".repeat(64)}`;
const TWO = `sha256:${"2".repeat(64)}`;
const IMAGE = "127.0.0.1:4566/shop/web:latest";

const deployment: Deployment = {
  ...SCOPE,
  id: "ecs-svc/1",
  serviceArn: `${ECS}:service/main/web`,
  serviceDeploymentArn: `${ECS}:service-deployment/main/web/x`,
  serviceRevisionArn: `${ECS}:service-revision/main/web/1`,
  sourceServiceRevisionArns: [],
  spec: {
    taskDefinitionArn: DEFINITION_ARN,
    capacityProviderStrategy: [],
    loadBalancers: [],
    serviceRegistries: [],
    enableExecuteCommand: false,
    enableECSManagedTags: false,
    propagateTags: "NONE",
  },
  status: "PRIMARY",
  rolloutState: "IN_PROGRESS",
  rolloutStateReason: "",
  failedTasks: 0,
  createdAt: 0,
  updatedAt: 0,
};

function worldOf(container: Partial<wire.ContainerDefinition>): TaskWorld {
  const world = createTaskWorld([{ name: "web", image: IMAGE, essential: true, ...container }], {
    task: { deploymentId: deployment.id },
  });
  world.store.transaction((tx) => tx.put(deployments, deployment));
  return world;
}

function pulled({ store, task }: TaskWorld, imageDigest: string | undefined): void {
  const containers = task().containers.map((container) => ({ ...container, imageDigest }));
  store.transaction((tx) => keepDigests(store, tx, { ...task(), containers }));
}

test("the first task's digest is that of the deployment", () => {
  const world = worldOf({});
  assert.equal(resolvedImage(world.store, world.task(), "web", IMAGE), IMAGE);
  pulled(world, ONE);
  pulled(world, TWO);
  assert.equal(resolvedImage(world.store, world.task(), "web", IMAGE), `127.0.0.1:4566/shop/web@${ONE}`);
  assert.equal(resolvedImage(world.store, world.task(), "web", "nginx"), `nginx@${ONE}`);
});

test("none is kept where the tag is to be followed, where there is no tag, and where the engine knows none", () => {
  const following = worldOf({ versionConsistency: "disabled" });
  pulled(following, ONE);
  const named = worldOf({ image: `nginx@${TWO}` });
  pulled(named, ONE);
  const built = worldOf({});
  pulled(built, undefined);
  for (const { store } of [following, named, built]) {
    assert.equal(store.get(deployments, deployment.id)?.imageDigests, undefined);
  }
});

test("a digest that its repository does not have is known as deleted; of other registries nothing is known", () => {
  const { store } = worldOf({});
  const repository = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/web";
  const repositoryArn = `arn:aws:ecr:ap-northeast-1:000000000000:repository/web`;
  assert.ok(isDeletedImage(store, `${repository}@${ONE}`));
  store.transaction((tx) => {
    tx.put(repositories, {
      ...SCOPE,
      arn: repositoryArn,
      repositoryName: "web",
      createdAt: 0,
      imageTagMutability: "MUTABLE",
      scanOnPush: false,
      encryptionType: "AES256",
      tags: [],
    });
    tx.put(images, {
      repositoryArn,
      digest: ONE,
      mediaType: "application/json",
      manifest: "{}",
      imageTags: [],
      sizeBytes: 2,
      pushedAt: 0,
    });
  });
  assert.ok(!isDeletedImage(store, `${repository}@${ONE}`));
  assert.ok(!isDeletedImage(store, `127.0.0.1:4566/${repository}:v1@${ONE}`));
  assert.ok(isDeletedImage(store, `127.0.0.1:4566/${repository}@${TWO}`));
  assert.ok(!isDeletedImage(store, `${repository}:v1`));
  assert.ok(!isDeletedImage(store, `nginx@${ONE}`));
});

test("a task of no deployment follows its tag", () => {
  const { store, task } = worldOf({});
  assert.equal(resolvedImage(store, { ...task(), deploymentId: undefined }, "web", IMAGE), IMAGE);
});
