/**
 * Carries EC2 instances through their life, one step at a time, and starts the ECS agent on those that bring one. What
 * there is to do is planned from the store and the engine alone (`plan-instance.ts`); only user data that runs just now
 * is remembered.
 */
import type { Result } from "../../lib/result.ts";
import { success } from "../../lib/result.ts";
import { findMachineImage } from "../../model/ec2/images.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { ObservedContainer, RuntimeFailure } from "../../runtime/container-runtime.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { clusters, containerInstances } from "../../store/tables/ecs.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { startAgent } from "./agent.ts";
import { agentLine } from "./console.ts";
import type { InstanceStep, InstanceView } from "./instance-view.ts";
import { becomeStopped, haltMachine, interfacesOf, placeInterfaces, startMachine } from "./machine.ts";
import { planInstance } from "./plan-instance.ts";
import { terminate } from "./terminate.ts";
import { attachTrunk } from "./trunk.ts";
import { runUserData } from "./user-data/run-user-data.ts";
import {
  changeInstance,
  containerInstanceOf,
  engineError,
  type InstanceDeps,
  print,
} from "./write-instance.ts";

/** More than the steps of any way through an instance's states: a plan that never rests is a bug, and must not spin. */
const MOST_STEPS = 50;
const ORPHAN_RETRY_MS = 5_000;
/** How soon the agent is started again after it could not register. */
const AGENT_RETRY_MS = 10_000;

export type InstanceReconcilerDeps = InstanceDeps;

export interface InstanceReconciler {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing runs and nothing waits but for time; for tests. */
  settled(): Promise<void>;
}

export function createInstanceReconciler(deps: InstanceReconcilerDeps): InstanceReconciler {
  const { store, clock, log, runtime } = deps;
  const loop = new InstanceLoop(deps, (instanceId) => controller.enqueue(instanceId));
  const controller = new Controller({
    name: "instance",
    clock,
    log,
    concurrency: 16,
    reconcile: (instanceId) => loop.reconcile(instanceId),
  });
  let stopped = false;
  const removeOrphans = async () => {
    if (stopped) return;
    const result = await removeOrphanMachines(deps);
    if (result.ok) return;
    log.warn("cannot remove the machines of instances that are gone", { reason: result.failure });
    clock.after(ORPHAN_RETRY_MS, () => void removeOrphans());
  };
  return {
    start() {
      enqueueOnChanges(deps, (instanceId) => controller.enqueue(instanceId));
      runtime.watch((sandboxId) => {
        if (store.get(instances, sandboxId) !== undefined) controller.enqueue(sandboxId);
      });
      for (const { instanceId } of store.list(instances)) controller.enqueue(instanceId);
      void removeOrphans();
    },
    async stop() {
      stopped = true;
      loop.stop();
      await controller.stop();
    },
    async settled() {
      await controller.settled();
      await loop.settled();
      await controller.settled();
    },
  };
}

function enqueueOnChanges({ store }: InstanceDeps, enqueue: (instanceId: string) => void): void {
  store.onChange(instances, ({ key, after }) => {
    if (after !== undefined) enqueue(key);
  });
  store.onChange(networkInterfaces, ({ after }) => {
    if (after?.owner.kind !== "user" || after.instanceAttachment === undefined) return;
    enqueue(after.instanceAttachment.instanceId);
  });
  store.onChange(containerInstances, ({ before, after }) => {
    if (after?.ec2InstanceId !== undefined && before?.status !== after.status) enqueue(after.ec2InstanceId);
  });
  // The agents that waited for their cluster.
  store.onChange(clusters, ({ before, after }) => {
    if (after?.status !== "ACTIVE" || before?.status === "ACTIVE") return;
    for (const { instanceId } of store.where(instances, "scope", `${after.account}/${after.region}`)) {
      if (containerInstanceOf(store, instanceId) === undefined) enqueue(instanceId);
    }
  });
}

/** Machines whose instance has ended, or that belong to no instance at all. */
async function removeOrphanMachines({
  store,
  runtime,
}: InstanceDeps): Promise<Result<undefined, RuntimeFailure>> {
  const listed = await runtime.listSandboxes();
  if (!listed.ok) return listed;
  for (const sandboxId of listed.value) {
    // Other sandboxes are reconcile/task's.
    if (!sandboxId.startsWith("i-") || store.get(instances, sandboxId) !== undefined) continue;
    const removed = await runtime.removeSandbox(sandboxId);
    if (!removed.ok) return removed;
  }
  return success(undefined);
}

class InstanceLoop {
  readonly #deps: InstanceDeps;
  readonly #enqueue: (instanceId: string) => void;
  readonly #userData = new Map<string, Promise<void>>();
  /** What the agent of an instance logged last: the same again is not printed. */
  readonly #agentErrors = new Map<string, string>();
  #stopped = false;

  constructor(deps: InstanceDeps, enqueue: (instanceId: string) => void) {
    this.#deps = deps;
    this.#enqueue = enqueue;
  }

  stop(): void {
    this.#stopped = true;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#userData.values());
  }

  async reconcile(instanceId: string): Promise<ReconcileResult | undefined> {
    for (let count = 0; count < MOST_STEPS; count++) {
      const view = await this.#look(instanceId);
      if (view === undefined) return undefined;
      const step = planInstance(view);
      if (step.kind === "wait") {
        return step.againAfterMs === undefined ? undefined : { againAfterMs: step.againAfterMs };
      }
      this.#deps.log.debug("instance step", { instanceId, state: view.instance.state, step: step.kind });
      const result = await this.#apply(view, step);
      if (result !== "again") return result;
    }
    throw new Error(`the plan of ${instanceId} does not come to rest`);
  }

  async #look(instanceId: string): Promise<InstanceView | undefined> {
    const { store, clock, runtime } = this.#deps;
    if (store.get(instances, instanceId) === undefined) return undefined;
    const observed = await runtime.observeSandbox(instanceId);
    if (!observed.ok) throw engineError(observed.failure);
    // Read after the engine has answered: what a handler wrote meanwhile must be seen.
    const instance = store.get(instances, instanceId);
    if (instance === undefined) return undefined;
    return {
      instance,
      interfaces: interfacesOf(store, instanceId),
      containerInstance: containerInstanceOf(store, instanceId),
      hasAgent: findMachineImage(instance.region, instance.imageId)?.ecs !== undefined,
      machine: observed.value.find(isMachine),
      userDataRuns: this.#userData.has(instanceId),
      now: clock.now(),
    };
  }

  async #apply(view: InstanceView, step: InstanceStep): Promise<ReconcileResult | undefined | "again"> {
    const deps = this.#deps;
    const { instance, machine, containerInstance } = view;
    const { instanceId } = instance;
    switch (step.kind) {
      case "wait":
        return undefined;
      case "change":
        changeInstance(deps, instanceId, step.changes);
        return "again";
      case "start-machine":
        await startMachine(deps, instance);
        return "again";
      case "place-interfaces":
        placeInterfaces(deps, instance);
        return "again";
      case "halt-machine":
        if (machine !== undefined) await haltMachine(deps, machine.containerId);
        return "again";
      case "stopped":
        becomeStopped(deps, instanceId);
        return "again";
      case "run-user-data":
        this.#runUserData(instance);
        return undefined;
      case "start-agent":
        return this.#startAgent(instance);
      case "connect-agent":
      case "attach-trunk":
        if (containerInstance === undefined) return "again";
        if (step.kind === "attach-trunk") attachTrunk(deps, instance, containerInstance);
        else {
          deps.store.transaction((tx) =>
            tx.put(containerInstances, {
              ...containerInstance,
              agentConnected: true,
              version: containerInstance.version + 1,
            }),
          );
        }
        return "again";
      case "remove-machine": {
        const removed = await deps.runtime.removeSandbox(instanceId);
        if (!removed.ok) throw engineError(removed.failure);
        return "again";
      }
      case "terminate":
        terminate(deps, instanceId);
        return "again";
      case "forget":
        this.#forget(instance);
        return undefined;
    }
  }

  #forget({ instanceId }: Instance): void {
    this.#agentErrors.delete(instanceId);
    this.#deps.store.transaction((tx) => tx.delete(instances, instanceId));
  }

  /** Beside the loop: it may take minutes, in which the instance can be stopped or terminated. */
  #runUserData(instance: Instance): void {
    const deps = this.#deps;
    const { instanceId, sandbox } = instance;
    const isCurrent = () =>
      !this.#stopped && deps.store.get(instances, instanceId)?.sandbox?.processId === sandbox?.processId;
    const running = runUserData({
      instance,
      runtime: deps.runtime,
      clock: deps.clock,
      print: (text) => {
        if (text !== "" && isCurrent()) print(deps, instanceId, text);
      },
    }).then(
      () => {
        this.#userData.delete(instanceId);
        if (isCurrent()) changeInstance(deps, instanceId, { userDataDone: true });
        else if (!this.#stopped) this.#enqueue(instanceId);
      },
      (error: unknown) => {
        if (this.#stopped) return;
        deps.log.warn("user data was interrupted, will be run again", { instanceId, error });
        deps.clock.after(1000, () => {
          this.#userData.delete(instanceId);
          if (!this.#stopped) this.#enqueue(instanceId);
        });
      },
    );
    this.#userData.set(instanceId, running);
  }

  async #startAgent(instance: Instance): Promise<ReconcileResult | "again"> {
    const { instanceId } = instance;
    const deps = this.#deps;
    const error = await startAgent(deps, instance);
    if (error === undefined) {
      this.#agentErrors.delete(instanceId);
      return "again";
    }
    const known = error.replace(/RequestID: [^,]*/, "");
    if (this.#agentErrors.get(instanceId) !== known) {
      this.#agentErrors.set(instanceId, known);
      const now = deps.clock.now();
      print(
        deps,
        instanceId,
        agentLine("info", "Registering Instance with ECS", now) +
          agentLine("error", "Unable to register as a container instance with ECS", now, { error }) +
          agentLine("error", "Error registering container instance", now, { error }),
      );
    }
    return { againAfterMs: AGENT_RETRY_MS };
  }
}

function isMachine({ name, holdsFor }: ObservedContainer): boolean {
  return name === undefined && holdsFor === undefined;
}
