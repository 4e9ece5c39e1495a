/** Where the image of a container comes from, and with whose password. */
import { failure, type Result, success } from "../../lib/result.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { instances } from "../../store/tables/ec2.ts";
import { containerInstances, taskDefinitions } from "../../store/tables/ecs.ts";
import { refusedPull, type TaskRoles } from "./execution-role.ts";
import { isDeletedImage, resolvedImage } from "./image-digests.ts";
import type { ImageSource } from "./image-puller.ts";
import { cannotPull, shortened } from "./reasons.ts";
import { registryLogin, type SecretReader } from "./task-secrets.ts";

export interface ImageSourceDeps {
  readonly store: StoreReader;
  readonly readSecret: SecretReader;
  imageReference(image: string): string;
  registryCredentials(image: string): ImageSource["credentials"];
}

/** The failure is the container's reason. */
export function imageSource(
  deps: ImageSourceDeps,
  task: Task,
  { name, image: given }: TaskContainer,
): Result<ImageSource, string> {
  const image = resolvedImage(deps.store, task, name, given);
  const reference = deps.imageReference(image);
  if (task.launchType !== "EC2" && isDeletedImage(deps.store, image)) {
    return failure(cannotPull(image, { kind: "image-not-found", message: "manifest unknown" }));
  }
  const roles = taskRoles(deps.store, task);
  if (roles === undefined) return success({ image, reference, credentials: deps.registryCredentials(image) });
  const refused = refusedPull(roles, image);
  if (refused !== undefined) return failure(shortened(refused));
  const container = roles.definition.definition.containerDefinitions?.find((each) => each.name === name);
  const credentials = container?.repositoryCredentials;
  if (credentials === undefined)
    return success({ image, reference, credentials: deps.registryCredentials(image) });
  const login = registryLogin(roles, deps.readSecret, credentials);
  return login.ok ? success({ image, reference, credentials: login.value }) : login;
}

/** Undefined when the definition is gone. */
export function taskRoles(store: StoreReader, task: Task): TaskRoles | undefined {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  if (definition === undefined) return undefined;
  const { containerInstanceArn } = task;
  const instanceId =
    containerInstanceArn === undefined
      ? undefined
      : store.get(containerInstances, containerInstanceArn)?.ec2InstanceId;
  return {
    store,
    task,
    definition,
    instance: instanceId === undefined ? undefined : store.get(instances, instanceId),
  };
}
