/** What the kernel holds of one VPC, as text that is equal for equal networks, however they came about. */
import { readdirSync } from "node:fs";
import { inNamespace, onHost } from "./fabric-setup.ts";

type Json = Readonly<Record<string, unknown>>;

export function dumpVpc(installation: string, vpcId: string): string[] {
  const namespace = `berth-${installation}-${vpcId}`;
  const internet = `berth-${installation}-internet`;
  const peer = `v-${vpcId.slice(4, 17)}`;
  const links = ip(namespace, "link", "show").map(
    (link) =>
      `link ${link["ifname"]} ${link["operstate"]} ${link["mtu"]} ${String(link["ifalias"]).replace(/net:\d+/, "net")}`,
  );
  const hasUplink = links.some((line) => line.startsWith("link uplink"));
  return [
    ...links.sort(),
    ...lines(inNamespace(namespace, "ip", "-4", "route", "show", "table", "all")),
    ...lines(inNamespace(namespace, "ip", "-4", "rule", "show")).filter((rule) => !rule.startsWith("32767:")),
    ...lines(inNamespace(namespace, "ip", "-4", "neigh", "show", "nud", "permanent")),
    ...(hasUplink ? lines(inNamespace(internet, "ip", "-4", "route", "show", "dev", peer)) : []),
    ...dumpFirewall(namespace),
    ...namespaces(installation).filter((name) => name.includes("-eni-")),
  ];
}

/** Lines that are in one of them only. */
export function differences(a: readonly string[], b: readonly string[]): string[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [
    ...a.filter((line) => !inB.has(line)).map((line) => `- ${line}`),
    ...b.filter((line) => !inA.has(line)).map((line) => `+ ${line}`),
  ];
}

export function namespaces(installation: string): string[] {
  return readdirSync("/run/netns")
    .filter((name) => name.startsWith(`berth-${installation}-`))
    .sort();
}

/** Everything on the host that carries the installation's mark, or is a route of its pool. */
export function dumpHost(installation: string, pool: string): string[] {
  return [
    ...namespaces(installation),
    ...lines(onHost("ip", "-br", "link")).filter((line) => line.includes(installation)),
    ...lines(onHost("ip", "route", "show")).filter((line) => line.includes(pool)),
    ...lines(onHost("nft", "list", "tables")).filter((line) => line.includes(installation)),
  ];
}

/** Rules keep their order within a chain; the order of everything else means nothing. */
function dumpFirewall(namespace: string): string[] {
  const { nftables } = JSON.parse(inNamespace(namespace, "nft", "-j", "list", "ruleset")) as {
    nftables: Json[];
  };
  const places = new Map<string, number>();
  return nftables
    .filter((object) => !("metainfo" in object))
    .map((object) => {
      const [kind = "", body = {}] = Object.entries(object)[0] ?? [];
      const { handle: _, ...rest } = body as Json;
      const elements = rest["elem"];
      if (Array.isArray(elements)) elements.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      const chain = `${rest["family"]} ${rest["table"]} ${rest["chain"]}`;
      const place = places.get(chain) ?? 0;
      if (kind === "rule") places.set(chain, place + 1);
      return `${kind} ${kind === "rule" ? `${chain} ${place}` : ""} ${JSON.stringify(rest)}`;
    })
    .sort();
}

function ip(namespace: string, ...command: string[]): Json[] {
  return JSON.parse(inNamespace(namespace, "ip", "-json", ...command)) as Json[];
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .sort();
}
