/**
 * The internet, as far as there is one: a namespace between the VPCs' gateways and the host. It has routes to public
 * addresses and to the host, and to nothing else, so that no packet of a task ever leaves the machine.
 */
import { renderHostFirewall } from "../firewall/render-host.ts";
import {
  HOST_LINK_PEER,
  hostLinkName,
  hostTableName,
  internetNamespaceName,
  namespacePrefix,
  UPLINK,
  uplinkPeerName,
} from "../links/names.ts";
import { LINK_GROUP, MTU } from "../links/plan-links.ts";
import { INTERNET_END, VPC_END } from "../routing/plan-routes.ts";
import { addressInRange, requireAddress, requireRange } from "../routing/ranges.ts";
import { type IpObject, readRoute } from "../routing/read-routes.ts";
import { ipBatch, ipBatchForced, ipShow, nft, run, setParameters } from "./commands.ts";
import { deleteNamespace, ensureNamespace, listNamespaces, namespacePath } from "./namespaces.ts";
import { KeyedLock } from "./serial.ts";

/** The last resort among routes: whatever the link does, the host never sends pool addresses to its own gateway. */
const LOWEST_PREFERENCE = 4_294_967_295;

/** A namespace that forwards between links and asks nobody. */
export const ROUTER_PARAMETERS: Readonly<Record<string, string>> = {
  "ipv6/conf/all/disable_ipv6": "1",
  "ipv6/conf/default/disable_ipv6": "1",
  "ipv4/ip_forward": "1",
  "ipv4/conf/all/rp_filter": "0",
  "ipv4/conf/default/rp_filter": "0",
  "ipv4/conf/all/send_redirects": "0",
  "ipv4/conf/default/send_redirects": "0",
  "ipv4/conf/all/accept_redirects": "0",
  "ipv4/conf/default/accept_redirects": "0",
};

/** Every caller is told at once that there is no way, not only the first in a second. */
const INTERNET_PARAMETERS = { ...ROUTER_PARAMETERS, "ipv4/icmp_ratelimit": "0" };

export class Internet {
  readonly #installation: string;
  readonly #pool: string;
  readonly #namespace: string;
  readonly #lock = new KeyedLock();

  constructor(installation: string, pool: string) {
    this.#installation = installation;
    this.#pool = requireRange(pool);
    this.#namespace = namespacePath(internetNamespaceName(installation));
  }

  get namespace(): string {
    return this.#namespace;
  }

  /** Repairs what there is and makes what is missing. Throws when the pool is somebody else's on this host. */
  async start(): Promise<void> {
    const link = hostLinkName(this.#installation);
    const [host, guest] = [addressInRange(this.#pool, 1), addressInRange(this.#pool, 2)];
    await this.#requireFreePool(link);
    // First of all, so that there is no moment in which the pool goes to the host's default gateway.
    await ipBatch(undefined, [`route replace unreachable ${this.#pool} metric ${LOWEST_PREFERENCE}`]);
    await ensureNamespace(internetNamespaceName(this.#installation));
    await setParameters(this.#namespace, INTERNET_PARAMETERS);
    await ipBatch(this.#namespace, ["link set lo up", "route replace unreachable default"]);
    await nft(undefined, renderHostFirewall(hostTableName(this.#installation), link));
    if (!(await this.#hostLinkExists(link))) {
      await ipBatchForced(undefined, [`link del ${link}`]);
      const guestEnd = `name ${HOST_LINK_PEER} mtu ${MTU} netns ${this.#namespace}`;
      await ipBatch(undefined, [`link add name ${link} mtu ${MTU} type veth peer ${guestEnd}`]);
    }
    await ipBatch(this.#namespace, [
      `addr replace ${guest}/32 dev ${HOST_LINK_PEER}`,
      `link set ${HOST_LINK_PEER} up`,
      `route replace ${host} dev ${HOST_LINK_PEER} src ${guest}`,
    ]);
    await ipBatch(undefined, [
      `link set ${link} addrgenmode none`,
      `addr replace ${host}/32 dev ${link}`,
      `link set ${link} up`,
      `route replace ${guest} dev ${link} src ${host}`,
      `route replace ${this.#pool} via ${guest} dev ${link} src ${host}`,
    ]);
  }

  /** The command that makes a VPC's uplink, to be run in the VPC's namespace. */
  renderUplinkCreation(vpcId: string): readonly string[] {
    const vpcEnd = `name ${UPLINK} address ${VPC_END.mac} mtu ${MTU} group ${LINK_GROUP}`;
    const peer = `name ${uplinkPeerName(vpcId)} address ${INTERNET_END.mac} mtu ${MTU} netns ${this.#namespace}`;
    return [`link add ${vpcEnd} type veth peer ${peer}`];
  }

  /** Routes exactly these public addresses into the VPC whose uplink exists. */
  async applyPublicAddresses(vpcId: string, publicIps: readonly string[], isNew: boolean): Promise<void> {
    const peer = uplinkPeerName(vpcId);
    // Two VPCs may change at once, and an address may move from one to the other.
    await this.#lock.run("routes", async () => {
      const setup = [
        `link set ${peer} up`,
        `neigh replace ${VPC_END.address} lladdr ${VPC_END.mac} dev ${peer} nud permanent`,
      ];
      const observed = new Map<string, string>();
      for (const route of await this.#observeRoutes(peer))
        observed.set(String(route["dst"]), readRoute(route));
      const wanted = new Map<string, string>();
      for (const publicIp of publicIps.map(requireAddress)) {
        wanted.set(publicIp, `${publicIp} via ${VPC_END.address} dev ${peer} onlink`);
      }
      const changes = [
        ...(isNew ? setup : []),
        ...[...wanted]
          .filter(([key, route]) => observed.get(key) !== route)
          .map(([, route]) => `route replace ${route}`),
        ...[...observed].filter(([key]) => !wanted.has(key)).map(([, route]) => `route del ${route}`),
      ];
      await ipBatch(this.#namespace, changes);
    });
  }

  /** Everything of the host's side, and the namespace; VPCs are removed before. */
  async remove(): Promise<void> {
    const link = hostLinkName(this.#installation);
    const table = hostTableName(this.#installation);
    // The link tells which pool it was made for: whoever removes it may have been told another, or none.
    const routes = await ipShow(undefined, ["route show"]);
    const poolsOf = (own: boolean) =>
      routes
        .filter(({ dev, gateway }) => gateway !== undefined && (dev === link) === own)
        .map(({ dst }) => String(dst));
    const others = new Set(poolsOf(false));
    const pools = new Set([...poolsOf(true), this.#pool].filter((pool) => !others.has(pool)));
    await ipBatchForced(undefined, [
      `link del ${link}`,
      ...[...pools].map((pool) => `route del unreachable ${pool} metric ${LOWEST_PREFERENCE}`),
    ]);
    await nft(undefined, `add table inet ${table}\ndelete table inet ${table}\n`);
    for (const name of await listNamespaces(namespacePrefix(this.#installation))) {
      await deleteNamespace(name);
    }
  }

  async #requireFreePool(link: string): Promise<void> {
    const routes = await ipShow(undefined, [`route show exact ${this.#pool}`]);
    const other = routes.find((route) => route["dev"] !== undefined && route["dev"] !== link);
    if (other !== undefined) {
      throw new Error(
        `the public pool ${this.#pool} is routed to ${String(other["dev"])} on this host: another Berth, or another network, uses it`,
      );
    }
  }

  /** The host's link may outlive the namespace of its other end by a moment, or by a crash. */
  async #hostLinkExists(link: string): Promise<boolean> {
    const [host, guest] = await Promise.all([
      ipShow(undefined, ["link show"]),
      ipShow(this.#namespace, ["link show"]),
    ]);
    const hostEnd = host.find((object) => object["ifname"] === link);
    const guestEnd = guest.find((object) => object["ifname"] === HOST_LINK_PEER);
    return hostEnd !== undefined && guestEnd !== undefined && hostEnd["link_index"] === guestEnd["ifindex"];
  }

  async #observeRoutes(device: string): Promise<readonly IpObject[]> {
    const { stdout } = await run(this.#namespace, ["ip", "-4", "-json", "route", "show", "dev", device]);
    return (JSON.parse(stdout.trim() === "" ? "[]" : stdout) as IpObject[]).map((route) => ({
      ...route,
      dev: device,
    }));
  }
}
