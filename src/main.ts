/**
 * The composition root: the only file that knows every part. Makes everything, passes it in, starts it in the order
 * in which it depends on each other, and stops it in reverse.
 */
import { mkdirSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { join } from "node:path";
import { createAccessControl } from "./access/access-control.ts";
import { explain } from "./access/explain.ts";
import { createServiceSessions } from "./access/service-sessions.ts";
import { type AccessQuestion, handleAdmin } from "./admin/admin-endpoint.ts";
import type { Config } from "./config.ts";
import { createRequestHandler, type GatewayOptions, type RequestHandler } from "./gateway/handle-request.ts";
import { createHttpServer } from "./gateway/http-server.ts";
import type { WireRequest } from "./gateway/protocols/protocol.ts";
import { createServiceCaller } from "./gateway/service-call.ts";
import { serviceCatalog } from "./gateway/service-catalog.ts";
import { systemClock } from "./lib/clock.ts";
import { listen } from "./lib/listen.ts";
import type { Log } from "./lib/log.ts";
import { systemRandom } from "./lib/random.ts";
import { failure, success } from "./lib/result.ts";
import { secretFile } from "./lib/secret-file.ts";
import { registryReference } from "./model/ecr/image-names.ts";
import { issueRegistryPassword } from "./model/ecr/passwords.ts";
import { TASK_AWS_PORT, TASK_ENDPOINT_ADDRESS } from "./model/ecs/endpoint-environment.ts";
import { createAutoScalingReconciler } from "./reconcile/auto-scaling/auto-scaling-reconciler.ts";
import { createCapacityProviderReconciler } from "./reconcile/capacity-provider/capacity-provider-reconciler.ts";
import { certificateAuthority } from "./reconcile/certificates/authority.ts";
import { createCertificateReconciler } from "./reconcile/certificates/reconciler.ts";
import { createDnsReconciler } from "./reconcile/dns/dns-reconciler.ts";
import { resolvePublicName } from "./reconcile/dns/plan-view.ts";
import type { RunTask } from "./reconcile/event-delivery/ecs-task.ts";
import { createEventDeliveryReconciler } from "./reconcile/event-delivery/event-delivery-reconciler.ts";
import { createEventScheduleReconciler } from "./reconcile/event-schedule/event-schedule-reconciler.ts";
import { createFabricReconciler } from "./reconcile/fabric/fabric-reconciler.ts";
import { createInstanceReconciler } from "./reconcile/instance/instance-reconciler.ts";
import { createInstanceNetworkReconciler } from "./reconcile/instance-network/instance-network-reconciler.ts";
import { createLoadBalancerReconciler } from "./reconcile/load-balancer/load-balancer-reconciler.ts";
import { createPlacementReconciler } from "./reconcile/placement/placement-reconciler.ts";
import { deregistrationComplete, registrationComplete } from "./reconcile/registration/progress.ts";
import { createRegistrationReconciler } from "./reconcile/registration/registration-reconciler.ts";
import { createRetentionReconciler } from "./reconcile/retention/retention-reconciler.ts";
import { createServiceReconciler } from "./reconcile/service/service-reconciler.ts";
import { createTaskReconciler } from "./reconcile/task/task-reconciler.ts";
import { createRegistry } from "./registry/registry.ts";
import { registrySecret } from "./registry/secret.ts";
import { DATA_CHANNEL_PATH } from "./session/session-server.ts";
import { createTaskSessions, type TaskSessions } from "./session/task-sessions.ts";
import { deriveStateChanges } from "./state-change/derive.ts";
import { planGroupLaunch } from "./store/group-launch.ts";
import { LogStore } from "./store/log-store.ts";
import { ObjectStore } from "./store/object-store.ts";
import { blobsInUse, readObject } from "./store/objects.ts";
import { readSecret } from "./store/secrets.ts";
import { Store } from "./store/store.ts";
import { type TrailQuery, TrailStore } from "./store/trail-store.ts";
import { createAgentIntrospection } from "./task-endpoint/agent-introspection.ts";
import { createInstanceMetadata } from "./task-endpoint/instance-metadata.ts";
import { createTaskEndpoint } from "./task-endpoint/task/task-endpoint.ts";
import { createTrailRecorder } from "./trail/recorder.ts";
import { machineWorld, simulatedWorld } from "./world.ts";

export interface Berth {
  readonly endpoint: string;
  /** Ends what this process does; containers, networks, proxies and the resolver go on. */
  stop(): Promise<void>;
}

interface Loop {
  start(): void;
  stop(): Promise<void>;
}

const VERSION = "0.1.0";
/** As SDKs in tasks name it, by `AWS_ENDPOINT_URL`. */
const TASK_HOST = new RegExp(
  `^(?:${TASK_ENDPOINT_ADDRESS.replaceAll(".", "\\.")}|(?:data-)?servicediscovery\\.[a-z0-9-]+\\.amazonaws\\.com):${TASK_AWS_PORT}$`,
);

/** Starts the control plane and takes over what an earlier run left. Throws when the machine lacks what it needs. */
export async function startBerth(config: Config, log: Log, progress: (line: string) => void): Promise<Berth> {
  const parts = await makeParts(config, log, progress);
  const sessions = createTaskSessions({ ...parts, logs: parts.logStore });
  const gateway = gatewayOptions(parts, sessions);
  const aws = makeAws(parts, gateway);
  const loops = [...makeLoops(parts, taskRunner(parts, gateway)), ...makeTaskEndpoints(parts, aws), sessions];
  const server = makeServer(parts, aws, sessions);
  // First the port: nothing is taken over when another program has it.
  await listen(server, config);
  progress("reconcilers");
  for (const loop of loops) loop.start();
  const endpoint = `http://${parts.endpoint}`;
  log.info("berth is ready", { endpoint, installation: config.installation });
  return {
    endpoint,
    async stop() {
      server.close();
      server.closeAllConnections();
      for (const loop of [...loops].reverse()) await loop.stop();
      parts.loadBalancers.close();
      await parts.resolver.close();
      await parts.runtime.close();
      parts.trail.stop();
      parts.trailStore.close();
      parts.logStore.close();
      parts.store.close();
    },
  };
}

type Parts = Awaited<ReturnType<typeof makeParts>>;

/** State, engine and network: what loops and handlers are given. */
async function makeParts(config: Config, log: Log, progress: (line: string) => void) {
  const { stateDirectory } = config;
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const world =
    config.simulate === undefined
      ? await machineWorld(config, log, progress)
      : simulatedWorld(config.simulate.speed);
  const { clock } = world;
  const random = systemRandom;
  const store = new Store(join(stateDirectory, "berth.db"));
  deriveStateChanges({ store, clock, random });
  const logStore = new LogStore(join(stateDirectory, "logs.db"), store, clock);
  const objectStore = new ObjectStore(join(stateDirectory, "s3"), random);
  objectStore.sweep(blobsInUse(store));
  const trailStore = new TrailStore(join(stateDirectory, "trail.db"));
  const trail = createTrailRecorder({ store, trailStore, random, log, clock, timer: systemClock });
  const secret = registrySecret(stateDirectory);
  const authority = await certificateAuthority.ensure(stateDirectory, { clock, random });
  const endpoint = `${config.host}:${config.port}`;
  const sealingKey = secretFile(join(stateDirectory, "sealing-key"));
  return {
    config,
    endpoint,
    log,
    random,
    store,
    logStore,
    trailStore,
    trail,
    objectStore,
    secret,
    sealingKey,
    authority,
    ...world,
  };
}

function makeLoops(parts: Parts, runTask: RunTask): readonly Loop[] {
  const { endpoint, log, clock, random, store, logStore, secret, sealingKey, authority, runtime, fabric } =
    parts;
  const { publicPool } = parts.config;
  return [
    createFabricReconciler({ store, clock, log, fabric }),
    createInstanceReconciler({ store, clock, random, log, runtime }),
    createInstanceNetworkReconciler({ store, clock, log, instances: parts.instances }),
    createDnsReconciler({
      store,
      clock,
      log,
      resolver: parts.resolver,
      vpcNamespace: (vpcId) => fabric.vpcNamespace(vpcId),
      vpcReady: (vpcId) => parts.vpcReady(vpcId),
    }),
    createCertificateReconciler({ store, clock, log, authority }),
    createLoadBalancerReconciler({ store, clock, log, loadBalancers: parts.loadBalancers }),
    createTaskReconciler({
      store,
      clock,
      random,
      log,
      runtime,
      logs: logStore,
      settings: {
        publicPool,
        endpoint,
        awsEndpoint: parts.config.endpointInjection,
        fileSystems: join(parts.config.stateDirectory, "efs"),
      },
      readSecret: (scope, valueFrom) => readSecret(store, sealingKey, scope, valueFrom, clock.now()),
      readObject: (bucket, key) => readObject(store, parts.objectStore, bucket, key),
      imageReference: (image) => registryReference(image, endpoint),
      registryCredentials: (image) =>
        registryReference(image, endpoint).startsWith(`${endpoint}/`)
          ? { username: "AWS", password: issueRegistryPassword(secret, clock.now()) }
          : undefined,
      registrationComplete: (task) => registrationComplete(store, task),
      deregistrationComplete: (task) => deregistrationComplete(store, task),
    }),
    createRegistrationReconciler({ store, clock, random, log }),
    createServiceReconciler({ store, clock, random, log }),
    createPlacementReconciler({ store, clock, random, log }),
    createAutoScalingReconciler({
      store,
      clock,
      random,
      log,
      launch: (reader, group, subnetId) =>
        planGroupLaunch(reader, group, subnetId, { random, now: clock.now(), publicPool }),
    }),
    createCapacityProviderReconciler({ store, clock, random, log }),
    createEventScheduleReconciler({ store, clock, random, log }),
    createEventDeliveryReconciler({ store, clock, random, log, logs: logStore, runTask }),
    createRetentionReconciler({ store, logStore, trailStore: parts.trailStore, clock, log }),
  ];
}

/** What instances and the tasks on them call. */
function makeTaskEndpoints(parts: Parts, aws: RequestHandler): readonly Loop[] {
  const { store, clock, random, log, sockets, sealingKey, runtime } = parts;
  return [
    createInstanceMetadata({ store, clock, random, log, sockets, sealingKey }),
    createAgentIntrospection({ store, clock, log, sockets }),
    createTaskEndpoint({
      store,
      clock,
      random,
      log,
      sockets,
      sealingKey,
      async stats(containerId) {
        const found = await runtime.stats(containerId);
        if (!found.ok) log.warn("cannot read what a container uses", { containerId, reason: found.failure });
        return found.ok ? found.value : undefined;
      },
      // Neither the registry nor Berth's own paths: those are the operator's.
      createAwsServer: () =>
        createHttpServer({ log, aws, paths: [], upgrades: [], hosts: TASK_HOST, issuedKeysOnly: true }),
    }),
  ];
}

/** AWS's operations, from bytes to bytes: for the operator and, in their VPCs, for tasks. */
function makeAws(parts: Parts, gateway: GatewayOptions): RequestHandler {
  const answer = createRequestHandler(gateway);
  return (request) => {
    if (!asksOnly(request)) parts.touch();
    return answer(request);
  };
}

const EVENTS = "events.amazonaws.com";

/** RunTask for EventBridge, which calls it as the role that the target names. */
function taskRunner(parts: Parts, gateway: GatewayOptions): RunTask {
  const roleSessions = createServiceSessions(parts);
  const call = createServiceCaller(gateway);
  return async ({ scope, roleArn, sessionName, ruleArn, request }) => {
    const source = { arn: ruleArn, account: scope.account };
    const caller = roleSessions.assume({ roleArn, service: EVENTS, sessionName, source });
    if (!caller.ok) return failure({ retryable: false, reason: caller.failure });
    const answer = await call({
      service: "ecs",
      operation: "RunTask",
      input: request,
      whose: { scope, caller: caller.value },
      invokedBy: EVENTS,
    });
    if (answer.kind === "done") return success(answer.output);
    const { fault, code, message } = answer;
    return failure({ retryable: fault === "server", reason: `${code}: ${message}` });
  };
}

/** What the gateway works with, whoever calls. */
function gatewayOptions(parts: Parts, sessions: TaskSessions): GatewayOptions {
  const { endpoint, log, clock, random, store, logStore, objectStore, secret, sealingKey } = parts;
  const { publicPool } = parts.config;
  const settings = { publicPool, endpoint, registrySecret: secret, sealingKey };
  return {
    catalog: serviceCatalog,
    log,
    access: createAccessControl({
      store,
      clock,
      random,
      sealingKey,
      enforceOperator: parts.config.enforceOperator,
    }),
    recorder: parts.trail,
    // Clients sign by the machine's time, also where simulated time runs ahead of it.
    signedAt: () => systemClock.now(),
    newRequestId: () => random.uuid(),
    context: (scope, caller, requestId, requestLog) => ({
      scope,
      caller,
      requestId,
      store,
      logStore,
      objectStore,
      trailStore: parts.trailStore,
      clock,
      random,
      log: requestLog,
      settings,
      sessions,
    }),
  };
}

function makeServer(parts: Parts, aws: RequestHandler, sessions: TaskSessions): HttpServer {
  const { log, clock, random, store, secret } = parts;
  const { installation, publicPool, stateDirectory } = parts.config;
  const blobDirectory = join(stateDirectory, "registry");
  const registry = createRegistry({ store, clock, blobDirectory, secret, log });
  const admin = {
    store,
    version: VERSION,
    publicPool,
    installation,
    startedAt: clock.now(),
    resolvePublicName: (name: string) => {
      const { addresses } = resolvePublicName(store, name, "A", (bound) => random.below(bound));
      return addresses.length === 0 ? undefined : addresses;
    },
    explainAccess: (question: AccessQuestion) => explain(store, { ...question, now: clock.now() }),
    now: () => clock.now(),
    readTrail(query: TrailQuery) {
      parts.trail.flush();
      return parts.trailStore.find(query);
    },
  };
  return createHttpServer({
    log,
    aws,
    paths: [
      { prefix: "/v2/", handle: (request, response) => registry.handle(request, response) },
      { prefix: "/_berth/", handle: (request, response) => handleAdmin(request, response, admin) },
    ],
    upgrades: [{ prefix: DATA_CHANNEL_PATH, upgrade: sessions.upgrade }],
  });
}

/** Who only looks does not make simulated time run on. */
function asksOnly({ headers, body, method }: WireRequest): boolean {
  const operation =
    headers["x-amz-target"]?.split(".").at(-1) ??
    /(?:^|&)Action=(\w+)/.exec(body.subarray(0, 2000).toString("latin1"))?.[1] ??
    "";
  if (operation === "") return method === "GET" || method === "HEAD";
  return /^(Describe|List|Get|BatchGet|Lookup|Filter)/.test(operation);
}
