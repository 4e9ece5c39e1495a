/** The step that makes one container of a task, with everything that its definition asks for. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Vpc } from "../../model/ec2/records.ts";
import { dockerNameOf } from "../../model/ecs/docker-container.ts";
import type { TaskContainer, TaskDefinition } from "../../model/ecs/records.ts";
import type { ContainerNetwork, ContainerSpec } from "../../runtime/container-runtime.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { extraHostsOf, linkEnvironment } from "./bridge.ts";
import { forbiddenControl, missingDevice } from "./container-settings.ts";
import { type ContainerSource, containerSpec } from "./container-spec.ts";
import { environmentFromFiles } from "./environment-files.ts";
import { type FirelensPart, firelensPart, unreachableRouter } from "./firelens.ts";
import { taskRoles } from "./image-source.ts";
import { cannotCreateContainer, cannotStartContainer } from "./reasons.ts";
import { nameServersOf, searchDomainsOf, taskLimits } from "./task-network.ts";
import { type SecretValues, secretsOf } from "./task-secrets.ts";
import { networkModeOf, type TaskView } from "./task-view.ts";
import { mountsOf } from "./volumes.ts";
import { changeContainerRecord, engineError, failTask, type StepDeps } from "./write-task.ts";

export async function createContainer(deps: StepDeps, view: TaskView, record: TaskContainer): Promise<void> {
  const { task, definition } = view;
  const container = definition?.definition.containerDefinitions?.find(({ name }) => name === record.name);
  const roles = taskRoles(deps.store, task);
  if (definition === undefined || container === undefined || roles === undefined) return;
  const secrets = secretsOf(roles, deps.readSecret, container);
  if (!secrets.ok) {
    failTask(deps, task.arn, secrets.failure);
    return;
  }
  const fromFiles = environmentFromFiles({ ...deps, roles }, container);
  if (!fromFiles.ok) {
    failTask(deps, task.arn, fromFiles.failure);
    return;
  }
  const network = networkOf(view, container, vpcOf(deps, view));
  const refused = unreachableRouter(view, container) ?? refusal(container, network, task.launchType);
  if (refused !== undefined) {
    changeContainerRecord(deps, task, record.name, { lastStatus: "STOPPED", reason: refused });
    return;
  }
  const firelens = firelensPart(view, container, { ...deps, roles });
  if (!firelens.ok) {
    failTask(deps, task.arn, firelens.failure);
    return;
  }
  const spec = specOf(deps, view, {
    ...{ definition, container, record, network },
    ...{ secrets: secrets.value, fromFiles: fromFiles.value, firelens: firelens.value },
  });
  const made = await deps.runtime.createContainer(spec);
  if (made.ok) {
    changeContainerRecord(deps, task, record.name, {
      runtimeId: made.value.containerId,
      createdAt: deps.clock.now(),
    });
    return;
  }
  if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
  changeContainerRecord(deps, task, record.name, {
    lastStatus: "STOPPED",
    reason: cannotCreateContainer(made.failure.message),
  });
}

/** What the engine would refuse, were the container on a machine of its own. */
function refusal(
  container: wire.ContainerDefinition,
  network: ContainerNetwork,
  launchType: wire.LaunchType,
): string | undefined {
  const device = missingDevice(container);
  const control = forbiddenControl(container, network);
  const problem = device ?? control;
  return problem === undefined ? undefined : cannotStartContainer(problem, launchType);
}

function specOf(
  deps: StepDeps,
  view: TaskView,
  made: {
    readonly definition: TaskDefinition;
    readonly container: wire.ContainerDefinition;
    readonly record: TaskContainer;
    readonly network: ContainerNetwork;
    readonly secrets: SecretValues;
    readonly fromFiles: ContainerSource["fromFiles"];
    readonly firelens: FirelensPart;
  },
): ContainerSpec {
  const { task, host, endpoints } = view;
  const { definition, container, record, network, secrets, fromFiles, firelens } = made;
  const endpoint = endpoints.find(({ containerName }) => containerName === record.name);
  const instanceId = host?.instance?.instanceId;
  const places = { task, instanceId, fileSystems: deps.fileSystems };
  return containerSpec({
    task,
    definition,
    container,
    record,
    network,
    engineName: endpoint?.engineName ?? dockerNameOf(definition, record),
    awsEndpoint: deps.awsEndpoint,
    linkEnvironment: linkEnvironment(task, definition, container, endpoints),
    // Where there is no pause container that carries them.
    sandboxLimits:
      network.kind === "joined" || network.kind === "none" ? taskLimits(task, definition) : undefined,
    mounts: mountsOf(places, definition.definition.volumes ?? [], container),
    instanceId,
    secrets,
    fromFiles,
    firelens,
  });
}

function vpcOf({ store }: StepDeps, { host }: TaskView): Vpc | undefined {
  return host?.instance === undefined ? undefined : store.get(vpcs, host.instance.vpcId);
}

function networkOf(
  view: TaskView,
  container: wire.ContainerDefinition,
  vpc: Vpc | undefined,
): ContainerNetwork {
  const mode = networkModeOf(view);
  if (mode === "awsvpc") return { kind: "sandbox" };
  if (mode === "host") return { kind: "joined", sandboxId: view.host?.instance?.instanceId ?? "" };
  if (mode === "bridge" && container.disableNetworking !== true) return { kind: "own" };
  const { hostname, dnsServers, dnsSearchDomains } = container;
  return {
    kind: "none",
    hostname,
    hosts: extraHostsOf(container),
    // Docker takes over what the instance has, though nothing answers without a network.
    nameServers: filled(dnsServers) ?? (vpc === undefined ? undefined : nameServersOf(vpc)),
    searchDomains: filled(dnsSearchDomains) ?? searchDomainsOf(view.task),
  };
}

function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
