/** From the store to packets: the reconciler with the network in the kernel. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createFabricReconciler } from "../../src/reconcile/fabric/fabric-reconciler.ts";
import {
  GROUP,
  networkInterface,
  PRIVATE,
  routeTable,
  rule,
  securityGroup,
  subnet,
  VPC,
  vpc,
} from "../../src/reconcile/fabric/testing.ts";
import { Store } from "../../src/store/store.ts";
import { networkInterfaces, routeTables, securityGroups, subnets, vpcs } from "../../src/store/tables/ec2.ts";
import { Agent } from "./fabric-setup.ts";

const store = new Store(":memory:");
const fabric = createLinuxFabric({ installation: "fab504", publicPool: "198.19.54.0/24", log: silentLog });
const reconciler = createFabricReconciler({ store, clock: systemClock, log: silentLog, fabric });
const agents: Agent[] = [];

before(async () => {
  await fabric.removeEverything();
  await fabric.start();
  agents.push(await Agent.start(), await Agent.start());
  await agents[1]?.listen(80);
});
after(async () => {
  await reconciler.stop();
  for (const agent of agents) await agent.stop();
  await fabric.removeEverything();
  store.close();
});

async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<number> {
  const start = performance.now();
  while (!(await isTrue())) {
    assert(performance.now() - start < 5000, `${what}: not within five seconds`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - start;
}

it("enforces a rule well within a second of the transaction that adds it", async () => {
  const [client, server] = agents;
  assert(client && server);
  const egress = rule({ direction: "egress" });
  const interfaces = [client, server].map((agent, index) =>
    networkInterface(11 + index, {
      sandbox: { kind: "container", containerId: "c", processId: agent.processId },
    }),
  );
  store.transaction((tx) => {
    tx.put(vpcs, vpc);
    tx.put(subnets, subnet(PRIVATE, "10.0.2.0/24"));
    tx.put(routeTables, routeTable(1, []));
    tx.put(securityGroups, securityGroup([egress]));
    for (const one of interfaces) tx.put(networkInterfaces, one);
  });
  reconciler.start();
  await until("interfaces are ready", () =>
    interfaces.every((one) => store.get(networkInterfaces, one.networkInterfaceId)?.linkState === "ready"),
  );
  assert.deepEqual(await client.connect("10.0.2.12", 80), { error: "timeout" });

  const http = rule({ protocol: "tcp", fromPort: 80, toPort: 80, peer: { kind: "group", groupId: GROUP } });
  store.transaction((tx) => tx.put(securityGroups, securityGroup([egress, http])));
  const elapsedMs = await until("the connection passes", async () => {
    return (await client.connect("10.0.2.12", 80)).seenAs === "10.0.2.11";
  });
  assert(elapsedMs < 1000, `took ${elapsedMs} ms`);

  store.transaction((tx) => tx.delete(vpcs, VPC));
  await until("the VPC is gone", async () => (await fabric.observeVpcs()).length === 0);
});
