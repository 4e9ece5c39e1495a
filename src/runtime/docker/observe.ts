/** What the engine says about a container, in the port's words. Pure. */
import type Docker from "dockerode";
import type { ContainerState, ObservedContainer } from "../container-runtime.ts";
import { CONTAINER_LABEL, HOLDS_FOR_LABEL, SANDBOX_LABEL } from "./create-options.ts";

type HealthCheckResult = NonNullable<Docker.ContainerInspectInfo["State"]["Health"]>["Log"][number];

type Inspected = Pick<Docker.ContainerInspectInfo, "Id" | "State"> & {
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
};

export function observedContainer(info: Inspected): ObservedContainer {
  const { State: state } = info;
  const labels = info.Config.Labels ?? {};
  const name = labels[CONTAINER_LABEL];
  const holdsFor = labels[HOLDS_FOR_LABEL];
  const observed = containerState(state);
  return {
    sandboxId: labels[SANDBOX_LABEL] ?? "",
    ...(name === undefined ? {} : { name }),
    ...(name !== undefined || holdsFor === undefined ? {} : { holdsFor }),
    containerId: info.Id,
    processId: state.Pid,
    state: observed,
    ...(observed === "exited" ? { exitCode: state.ExitCode } : {}),
    outOfMemory: state.OOMKilled,
    ...(state.Error === "" ? {} : { error: state.Error }),
    health: health(state.Health?.Status),
    ...lastCheck(state.Health?.Log),
    ...time("startedAt", state.StartedAt),
    ...time("finishedAt", state.FinishedAt),
  };
}

/** A container that was created and could not be started stays `created`, with the reason in `Error`. */
function containerState(state: Docker.ContainerInspectInfo["State"]): ContainerState {
  if (state.Running) return "running";
  return state.Status === "created" ? "created" : "exited";
}

function health(status: string | undefined): ObservedContainer["health"] {
  return status === "starting" || status === "healthy" || status === "unhealthy" ? status : "none";
}

function lastCheck(log: readonly HealthCheckResult[] | undefined): Pick<ObservedContainer, "lastCheck"> {
  const last = log?.at(-1);
  if (last === undefined) return {};
  return { lastCheck: { endedAt: Date.parse(last.End), exitCode: last.ExitCode, output: last.Output } };
}

/** The engine's "never" is the year 1. */
function time<Name extends string>(name: Name, text: string): { readonly [key in Name]?: number } {
  const ms = Date.parse(text);
  // The computed key is the one that the type names; TypeScript widens it to string.
  return ms > 0 ? ({ [name]: ms } as { readonly [key in Name]: number }) : {};
}
