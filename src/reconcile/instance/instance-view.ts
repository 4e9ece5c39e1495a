/** What one look at an instance sees, and what may be done about it. */
import type { Instance, NetworkInterface } from "../../model/ec2/records.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import type { ObservedContainer } from "../../runtime/container-runtime.ts";

export interface InstanceView {
  readonly instance: Instance;
  /** Those that hang on it as `eth0`, `eth1` …; those of tasks and trunks are not its own. */
  readonly interfaces: readonly NetworkInterface[];
  readonly containerInstance: ContainerInstance | undefined;
  /** Its image brings the ECS agent. */
  readonly hasAgent: boolean;
  /** The container that holds its namespace. */
  readonly machine: ObservedContainer | undefined;
  /** This process runs its user data just now. */
  readonly userDataRuns: boolean;
  readonly now: number;
}

export type InstanceChanges = Partial<
  Pick<Instance, "state" | "rebootsDone" | "sandbox" | "userDataDone" | "consoleOutput">
>;

export type InstanceStep =
  | { readonly kind: "wait"; readonly againAfterMs?: number }
  | { readonly kind: "change"; readonly changes: InstanceChanges }
  /** Makes or starts the machine, and puts the instance's interfaces into its namespace. */
  | { readonly kind: "start-machine" }
  | { readonly kind: "place-interfaces" }
  /** The machine's processes end; its file system stays. */
  | { readonly kind: "halt-machine" }
  /** After a halt: the interfaces are in no namespace any more. */
  | { readonly kind: "stopped" }
  | { readonly kind: "run-user-data" }
  | { readonly kind: "start-agent" }
  | { readonly kind: "connect-agent" }
  | { readonly kind: "attach-trunk" }
  | { readonly kind: "remove-machine" }
  /** Gives back what the instance had: interfaces, addresses, its place in the cluster. */
  | { readonly kind: "terminate" }
  | { readonly kind: "forget" };
