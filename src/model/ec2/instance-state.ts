/** The state of an instance as EC2 shows it: what was asked is seen at once, before anything was done about it. */
import type { Instance, InstanceState } from "./records.ts";

/** API reference, InstanceState: the low byte of `Code`. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function shownState({ state, desiredState }: Pick<Instance, "state" | "desiredState">): InstanceState {
  if (state === "terminated") return state;
  switch (desiredState) {
    case "terminated":
      return "shutting-down";
    case "stopped":
      return state === "stopped" ? state : "stopping";
    case "running":
      return state === "stopped" ? "pending" : state;
  }
}

/** Asked to end or ended: it is not to be changed, attached to or addressed any more. */
export function isGoing(instance: Pick<Instance, "state" | "desiredState">): boolean {
  return instance.desiredState === "terminated" || instance.state === "terminated";
}
