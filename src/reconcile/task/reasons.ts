/**
 * The words that a stopped task or container carries. Sources: Amazon ECS developer guide, "Amazon ECS stopped tasks
 * error messages" and its pages by error code; texts after a colon as Fargate (platform version 1.4.0) is seen to
 * write them.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { RuntimeFailure } from "../../runtime/container-runtime.ts";

export const ESSENTIAL_CONTAINER_EXITED = "Essential container in task exited";
export const NETWORK_TIMEOUT = "Timeout waiting for network interface provisioning to complete.";
export const OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage";
export const INCOMPATIBLE =
  "The selected task definition is not compatible with the selected compute strategy";

/** What is left in a slot when the user has attached interfaces by hand: ECS counts its own alone. */
export const NO_DEVICE_INDEX = "Unable to attach network interface to unused device index.";
const FAILED_TO_START = "Task failed to start";
export const NETWORK_NOT_SET_UP =
  "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s";

export function hostGoneReason(instanceId: string | undefined, how: "terminated" | "stopped"): string {
  return instanceId === undefined ? `Host EC2 ${how}.` : `Host EC2 (instance ${instanceId}) ${how}.`;
}

/** On EC2 the reason is the container's alone; on Fargate the task carries it, too. */
export function failedToStart(launchType: wire.LaunchType, reason: string): string {
  return launchType === "EC2" ? FAILED_TO_START : reason;
}

/** API reference, Container: `reason` has at most 1024 characters. */
const LONGEST_REASON = 1024;

export function shortened(reason: string): string {
  return reason.slice(0, LONGEST_REASON);
}

/** `code` is EC2's, such as `InsufficientFreeAddressesInSubnet`. */
export function cannotCreateInterface(subnetId: string, assignPublicIp: boolean, code: string): string {
  const how = assignPublicIp ? "with public IP assignment enabled in subnet" : "in subnet";
  return `Unexpected EC2 error while attempting to Create Network Interface ${how} '${subnetId}': ${code}`;
}

export const NO_SUCH_LOG_GROUP = "ResourceNotFoundException: The specified log group does not exist.";

/** `problem` is CloudWatch Logs' error, or the driver's own about its options. */
export function loggingFailed(problem: string): string {
  return resourceInitialization(
    `failed to validate logger args: ${creatingStream(problem, "create stream has been retried 1 times: ")} : exit status 1`,
  );
}

function creatingStream(problem: string, before = ""): string {
  return /^\w+Exception: /.test(problem)
    ? `${before}failed to create Cloudwatch log stream: ${problem}`
    : problem;
}

/** On an instance the driver is Docker's own, and a container that it fails ends alone. */
export function cannotStartLogging(problem: string): string {
  return cannotStartContainer(`failed to initialize logging driver: ${creatingStream(problem)}`, "EC2");
}

export function resourceInitialization(problem: string): string {
  return shortened(`ResourceInitializationError: ${problem}`);
}

/** `image` is what the user wrote; the engine may have been asked for another name. */
export function cannotPull(
  image: string,
  problem: RuntimeFailure,
  launchType: wire.LaunchType = "FARGATE",
): string {
  if (launchType === "EC2") return cannotPullOnInstance(image, problem);
  const reference = canonicalReference(image);
  return shortened(
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${pullProblem(reference, problem)}`,
  );
}

/** There it is Docker that pulls, and the agent hands on what it says. */
function cannotPullOnInstance(image: string, problem: RuntimeFailure): string {
  const unknown = problem.kind === "image-not-found" && !/pull access denied/.test(problem.message);
  const said = unknown
    ? `manifest for ${image} not found: manifest unknown: Requested image not found`
    : problem.message;
  return shortened(`CannotPullContainerError: Error response from daemon: ${said}`);
}

function pullProblem(reference: string, problem: RuntimeFailure): string {
  if (problem.kind !== "image-not-found") return `failed to do request: ${problem.message}`;
  if (/pull access denied/.test(problem.message)) {
    return "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";
  }
  return `${reference}: not found`;
}

/** `nginx` → `docker.io/library/nginx:latest`. */
export function canonicalReference(image: string): string {
  const [first = "", ...others] = image.split("/");
  const hasHost = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = others.length === 0 ? `library/${image}` : image;
  const named = hasHost ? image : `docker.io/${path}`;
  const last = named.slice(named.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? named : `${named}:latest`;
}

export function cannotCreateContainer(message: string): string {
  return shortened(`CannotCreateContainerError: Error response from daemon: ${message}`);
}

export function cannotStartContainer(message: string, launchType: wire.LaunchType = "FARGATE"): string {
  const cause = message.startsWith("OCI runtime") ? `failed to create shim task: ${message}` : message;
  if (launchType === "EC2") {
    return shortened(`CannotStartContainerError: Error response from daemon: ${cause}`);
  }
  return shortened(
    `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: ${cause}`,
  );
}

export function containerVanished(runtimeId: string): string {
  return `CannotInspectContainerError: Error response from daemon: No such container: ${runtimeId}`;
}
