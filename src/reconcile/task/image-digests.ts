/**
 * All tasks of a service's deployment run the same image: its tag is resolved by the first of them that pulls, and the
 * others pull by that digest, unless the container says `versionConsistency: disabled` (developer guide, "Container
 * image resolution").
 */
import type * as wire from "@aws-sdk/client-ecs";
import { parseRegistryName } from "../../model/ecr/image-names.ts";
import type { Deployment, Task } from "../../model/ecs/records.ts";
import { findImage, findRepository } from "../../store/images.ts";
import type { StoreReader, Transaction } from "../../store/store.ts";
import { deployments, taskDefinitions } from "../../store/tables/ecs.ts";

/** `image`, or the same by the digest that the task's deployment has found. */
export function resolvedImage(store: StoreReader, task: Task, containerName: string, image: string): string {
  const digest = deploymentOf(store, task)?.imageDigests?.[containerName];
  return digest === undefined ? image : `${withoutTag(image)}@${digest}`;
}

/**
 * Whether `image` names a digest that its repository of Berth's ECR does not have. Fargate keeps no images, so that it
 * cannot start what was deleted; the engine of an instance, and Berth's own, goes on with what it once pulled.
 */
export function isDeletedImage(store: StoreReader, image: string): boolean {
  const [, name = "", digest = ""] = /(\d{12}\.dkr\.ecr\.[^/]+\/[^@]+)@(.+)$/.exec(image) ?? [];
  const known = parseRegistryName(withoutTag(name));
  const repository = known && findRepository(store, known.scope, known.repositoryName);
  return (
    known !== undefined && (repository === undefined || findImage(store, repository, digest) === undefined)
  );
}

/** Keeps the digests that a task of the deployment has found, where none is known yet. */
export function keepDigests(store: StoreReader, tx: Transaction, task: Task): void {
  const deployment = deploymentOf(store, task);
  if (deployment === undefined) return;
  const definition = store.get(taskDefinitions, task.taskDefinitionArn)?.definition;
  const found = task.containers.flatMap(({ name, imageDigest }) => {
    const container = definition?.containerDefinitions?.find((each) => each.name === name);
    const wanted = imageDigest !== undefined && deployment.imageDigests?.[name] === undefined;
    return wanted && isResolved(container) ? [[name, imageDigest]] : [];
  });
  if (found.length === 0) return;
  const imageDigests = { ...Object.fromEntries(found), ...deployment.imageDigests };
  tx.put(deployments, { ...deployment, imageDigests });
}

function deploymentOf(store: StoreReader, { deploymentId }: Task): Deployment | undefined {
  return deploymentId === undefined ? undefined : store.get(deployments, deploymentId);
}

/** An image that is named by its digest stays as it is. */
function isResolved(container: wire.ContainerDefinition | undefined): boolean {
  return container?.versionConsistency !== "disabled" && container?.image?.includes("@") === false;
}

function withoutTag(image: string): string {
  return image.replace(/:[^:/]*$/, "");
}
