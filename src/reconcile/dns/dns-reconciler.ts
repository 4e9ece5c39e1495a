/**
 * Keeps the resolver's views as the store has them: one key a VPC. A change queues only the VPCs that can see it:
 * those of a private zone, the VPC of an interface, and all of them for what is public.
 */
import type { ResolverFabric } from "../../fabric/fabric.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import type { Change, Store } from "../../store/store.ts";
import { discoveryInstances, discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import { addresses, networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { planView } from "./plan-view.ts";

export interface DnsReconcilerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly resolver: ResolverFabric;
  /** The VPC's network namespace, as `ip netns` names it. */
  vpcNamespace(vpcId: string): string;
  /** Whether that namespace, and the resolver's addresses in it, have been made. */
  vpcReady(vpcId: string): boolean | Promise<boolean>;
}

/** How soon to look again for a namespace that reconcile/fabric has yet to make. */
const NAMESPACE_WAIT_MS = 200;

/** The key that removes views of VPCs that went while Berth was down. */
const STALE_VIEWS = "*stale-views*";

export function createDnsReconciler(dependencies: DnsReconcilerDependencies): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log, resolver } = dependencies;
  const controller = new Controller({
    name: "dns",
    clock,
    log,
    reconcile: (key) =>
      key === STALE_VIEWS ? removeStaleViews(store, resolver) : reconcileVpc(key, dependencies),
  });
  const enqueueAll = () => {
    for (const vpc of store.list(vpcs)) controller.enqueue(vpc.vpcId);
  };
  return {
    start() {
      subscribe(store, (vpcId) => controller.enqueue(vpcId), enqueueAll);
      resolver.onLost(() => {
        log.warn("the resolver process is gone and will be started again");
        enqueueAll();
      });
      controller.enqueue(STALE_VIEWS);
      enqueueAll();
    },
    stop: () => controller.stop(),
  };
}

async function reconcileVpc(
  vpcId: string,
  { store, resolver, vpcNamespace, vpcReady }: DnsReconcilerDependencies,
): Promise<ReconcileResult | undefined> {
  const vpc = store.get(vpcs, vpcId);
  if (vpc === undefined || !vpc.enableDnsSupport) {
    await resolver.removeView(vpcId);
    return undefined;
  }
  if (!(await vpcReady(vpcId))) return { againAfterMs: NAMESPACE_WAIT_MS };
  const view = planView(store, vpc, vpcNamespace(vpcId));
  if (view !== undefined) await resolver.applyView(view);
  return undefined;
}

async function removeStaleViews(store: Store, resolver: ResolverFabric): Promise<undefined> {
  for (const vpcId of await resolver.observeViews()) {
    if (store.get(vpcs, vpcId) === undefined) await resolver.removeView(vpcId);
  }
  return undefined;
}

function subscribe(store: Store, enqueue: (vpcId: string) => void, enqueueAll: () => void): void {
  const enqueueZone = (zone: HostedZone | undefined) => {
    if (zone === undefined) return;
    if (zone.privateZone) for (const { vpcId } of zone.vpcs) enqueue(vpcId);
    else enqueueAll();
  };
  const enqueueZoneId = (zoneId: string | undefined) => {
    if (zoneId !== undefined) enqueueZone(store.get(hostedZones, zoneId));
  };
  const enqueueNamespaceId = (namespaceId: string | undefined) => {
    if (namespaceId !== undefined) enqueueZoneId(store.get(namespaces, namespaceId)?.hostedZoneId);
  };

  // Names of public addresses, which other VPCs see too, depend on these attributes; they hardly ever change.
  store.onChange(vpcs, (change) => {
    enqueue(change.key);
    if (differs(change, (vpc) => vpc.enableDnsHostnames)) enqueueAll();
  });
  store.onChange(hostedZones, ({ before, after }) => {
    enqueueZone(before);
    enqueueZone(after);
  });
  store.onChange(recordSets, ({ before, after }) => enqueueZoneId((after ?? before)?.zoneId));
  store.onChange(discoveryServices, (change) => {
    // Each registration changes the service's revision, which DNS does not show.
    const { before, after } = change;
    if (differs(change, (service) => JSON.stringify([service.name, service.dnsConfig]))) {
      enqueueNamespaceId((after ?? before)?.namespaceId);
    }
  });
  store.onChange(discoveryInstances, (change) => {
    if (!differs(change, (instance) => JSON.stringify([instance.health, instance.attributes]))) return;
    const serviceId = (change.after ?? change.before)?.serviceId;
    if (serviceId === undefined) return;
    enqueueNamespaceId(store.get(discoveryServices, serviceId)?.namespaceId);
  });
  store.onChange(networkInterfaces, (change) => {
    if (!differs(change, visibleAddresses)) return;
    const { before, after } = change;
    if (before?.amazonPublicIp !== undefined || after?.amazonPublicIp !== undefined) enqueueAll();
    else if (before !== undefined || after !== undefined) enqueue((after ?? before)?.vpcId ?? "");
  });
  store.onChange(addresses, (change) => {
    if (differs(change, (address) => address.association?.networkInterfaceId)) enqueueAll();
  });
  store.onChange(loadBalancers, (change) => {
    if (
      differs(change, ({ state, dnsName, scheme, zones }) => JSON.stringify([state, dnsName, scheme, zones]))
    ) {
      enqueueAll();
    }
  });
}

/** Links and sandboxes come and go; DNS shows addresses alone. */
function visibleAddresses({ privateIpAddress, amazonPublicIp, vpcId }: NetworkInterface): string {
  return JSON.stringify([vpcId, privateIpAddress, amazonPublicIp]);
}

function differs<R>({ before, after }: Change<R>, aspect: (record: R) => unknown): boolean {
  if (before === undefined || after === undefined) return true;
  return aspect(before) !== aspect(after);
}
