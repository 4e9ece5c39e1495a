/**
 * What a container is told about the endpoints inside its task (Amazon ECS agent, `agent/api/container/container.go`
 * and `agent/api/task/task.go`; developer guide, "Amazon ECS container metadata").
 */
import type { Task, TaskContainer, TaskDefinition } from "./records.ts";

/** Where containers find metadata, credentials and the agent's API, on port 80. */
export const TASK_ENDPOINT_ADDRESS = "169.254.170.2";
/** Berth's own: AWS itself, as far as Berth is it, beside the metadata. */
export const TASK_AWS_PORT = 4566;

/**
 * Cloud Map's own name: SDKs put `data-` before the host for DiscoverInstances, which an address cannot take. VPCs'
 * resolvers answer both with the task endpoint's address.
 */
export function discoveryHosts(region: string): readonly [string, string] {
  const host = `servicediscovery.${region}.amazonaws.com`;
  return [host, `data-${host}`];
}

export interface EndpointEnvironmentOptions {
  /** What the container has without this. */
  readonly given: Readonly<Record<string, string>>;
  /** Whether to point SDKs at Berth: `berth up --no-endpoint-injection` is false. */
  readonly awsEndpoint: boolean;
}

/** Goes over what the user gave, but for the AWS endpoint. The credentials' address is there only with a task role. */
export function endpointEnvironment(
  task: Task,
  definition: TaskDefinition,
  container: TaskContainer,
  { given, awsEndpoint }: EndpointEnvironmentOptions,
): Record<string, string> {
  const { endpointId } = container;
  if (endpointId === undefined) return {};
  const base = `http://${TASK_ENDPOINT_ADDRESS}`;
  const credentials = credentialsPath(task, definition);
  const reachesAws = awsEndpoint && definition.definition.networkMode !== "none";
  return {
    ECS_CONTAINER_METADATA_URI: `${base}/v3/${endpointId}`,
    ECS_CONTAINER_METADATA_URI_V4: `${base}/v4/${endpointId}`,
    ECS_AGENT_URI: `${base}/api/${endpointId}`,
    ...(credentials === undefined ? {} : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: credentials }),
    ...(reachesAws && !("AWS_ENDPOINT_URL" in given) ? awsEndpoints(task.region, given) : {}),
  };
}

function awsEndpoints(region: string, given: Readonly<Record<string, string>>): Record<string, string> {
  const [discovery] = discoveryHosts(region);
  return {
    AWS_ENDPOINT_URL: `http://${TASK_ENDPOINT_ADDRESS}:${TASK_AWS_PORT}`,
    ...("AWS_ENDPOINT_URL_SERVICEDISCOVERY" in given
      ? {}
      : { AWS_ENDPOINT_URL_SERVICEDISCOVERY: `http://${discovery}:${TASK_AWS_PORT}` }),
  };
}

/** The role that the task's programs have. */
export function taskRoleArn(task: Task, definition: TaskDefinition): string | undefined {
  return task.overrides.taskRoleArn ?? definition.definition.taskRoleArn;
}

function credentialsPath(task: Task, definition: TaskDefinition): string | undefined {
  if (task.credentialsId === undefined || taskRoleArn(task, definition) === undefined) return undefined;
  return `/v2/credentials/${task.credentialsId}`;
}
