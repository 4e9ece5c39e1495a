/** Reads what `ip -json` prints about routes and rules into the words of `RoutingState`. */
import type { RoutingState } from "./plan-routes.ts";

/** One object of `ip -json`: its members differ with what was asked. */
export type IpObject = Readonly<Record<string, unknown>>;

/** The kernel's own rules that we leave alone: the local table, and the default one, which is empty. */
const KERNEL_PRIORITIES: readonly unknown[] = [0, 32_767];

export function readRouting(objects: readonly IpObject[]): RoutingState {
  const localAddresses = new Set<string>();
  const routes = new Map<string, string>();
  const rules = new Set<string>();
  for (const object of objects) {
    if ("priority" in object) {
      if (!KERNEL_PRIORITIES.includes(object["priority"])) rules.add(readRule(object));
    } else if ("dst" in object && !("lladdr" in object)) {
      const destination = String(object["dst"]);
      if (object["table"] === "local") {
        const ours = object["type"] === "local" && object["dev"] === "lo" && !destination.startsWith("127.");
        if (ours) localAddresses.add(destination);
      } else {
        routes.set(`${object["table"] ?? "main"} ${destination}`, readRoute(object));
      }
    }
  }
  return { localAddresses, routes, rules };
}

export function readRoute(object: IpObject): string {
  const words = [String(object["dst"])];
  if (object["type"] !== undefined) words.unshift(String(object["type"]));
  if (object["gateway"] !== undefined) words.push("via", String(object["gateway"]));
  if (object["dev"] !== undefined) words.push("dev", String(object["dev"]));
  const flags = object["flags"];
  if (Array.isArray(flags) && flags.includes("onlink")) words.push("onlink");
  return words.join(" ");
}

function readRule(object: IpObject): string {
  const words = ["priority", String(object["priority"])];
  if (object["fwmark"] !== undefined) words.push("fwmark", String(object["fwmark"]));
  if (object["table"] !== undefined) words.push("table", String(object["table"]));
  if (object["action"] !== undefined) words.push(String(object["action"]));
  return words.join(" ");
}
