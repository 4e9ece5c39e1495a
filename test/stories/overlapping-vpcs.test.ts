/** Two VPCs of one range know nothing of each other; the only way between them is by public addresses. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateNetworkInterfaceCommand, CreateSubnetCommand } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, type Task } from "@aws-sdk/client-ecs";
import { present, REGION, startTestBerth, type TestBerth } from "./harness.ts";
import {
  createBalancer,
  createDiscoveryService,
  createGroup,
  createNatGateway,
  createNetwork,
  fromAnywhere,
  type Network,
} from "./network.ts";
import {
  addressOf,
  CLUSTER,
  createService,
  getFromTask,
  lookUp,
  type Place,
  registerTask,
  startTask,
  untilStatus,
  untilSteady,
} from "./tasks.ts";

interface Side {
  readonly network: Network;
  readonly place: Place;
  /** The task of the service `web`, which calls itself `red` or `blue`. */
  readonly web: Task;
  readonly client: string;
}

const NAME = "web.stories.local";

describe("two VPCs with the same range", { timeout: 180_000 }, () => {
  let berth: TestBerth;
  let red: Side;
  let blue: Side;
  let redOutside: string;
  let blueBalancerAddresses: string[];

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const redNetwork = await createNetwork(berth, "10.7");
    const blueNetwork = await createNetwork(berth, "10.7");
    redOutside = await createNatGateway(berth, redNetwork);
    const openGroup = await createGroup(berth, blueNetwork.vpcId, "balancer", fromAnywhere);
    const balancer = await createBalancer(berth, blueNetwork, "blue", openGroup);
    red = await startSide("red", redNetwork);
    blue = await startSide("blue", blueNetwork, balancer.targetGroupArn);
    const { stdout } = await berth.command(["resolve", balancer.dnsName]);
    blueBalancerAddresses = stdout.trim().split("\n");
  });

  after(() => berth?.down());

  async function startSide(name: string, network: Network, targetGroupArn?: string): Promise<Side> {
    const place = {
      subnet: network.privateSubnetId,
      securityGroup: await createGroup(berth, network.vpcId, name, fromAnywhere),
    };
    const registryArn = await createDiscoveryService(berth, network.vpcId, "stories.local", "web");
    const definition = await registerTask(berth, name);
    await createService(berth, name, definition, place, {
      registryArn,
      ...(targetGroupArn === undefined ? {} : { targetGroupArn }),
    });
    const client = await startTask(berth, definition, place);
    const [web] = await untilSteady(berth, name, 1);
    await untilStatus(berth, client, "RUNNING");
    return { network, place, web: present(web, "task of the service"), client };
  }

  const who = (side: Side, address: string) => getFromTask(berth, side.client, address, "/cgi-bin/who");

  it("a name leads to the task of the own VPC, and so does its address", async () => {
    for (const [side, name] of [
      [red, "red"],
      [blue, "blue"],
    ] as const) {
      const address = addressOf(side.web);
      assert.deepEqual(await lookUp(berth, side.client, NAME), [address]);
      assert.match((await who(side, address)).stdout, new RegExp(`^name=${name}$`, "m"));
    }
  });

  it("a task's address leads nowhere in the other VPC", async () => {
    const own = new Set([addressOf(red.web)]);
    const foreign = addressOf(blue.web);
    // Where both have the address, the caller reaches its own.
    const answer = await who(red, foreign);
    if (own.has(foreign)) assert.match(answer.stdout, /^name=red$/m);
    else assert.equal(answer.exitCode, 1, answer.stdout);
  });

  it("the same address is in use in both, each for its own", async () => {
    for (const [side, name] of [
      [red, "red"],
      [blue, "blue"],
    ] as const) {
      const subnet = await createSubnetWithOneFree(side.network.vpcId, "10.7.20");
      const twin = await startTask(berth, name, { ...side.place, subnet });
      assert.equal(addressOf(await untilStatus(berth, twin, "RUNNING")), "10.7.20.5");
    }
    assert.match((await who(red, "10.7.20.5")).stdout, /^name=red$/m);
    assert.match((await who(blue, "10.7.20.5")).stdout, /^name=blue$/m);
  });

  /** A /28, of which 11 addresses can be used: all but .5 are taken. */
  async function createSubnetWithOneFree(VpcId: string, prefix: string): Promise<string> {
    const { Subnet } = await berth.ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: `${prefix}.0/28`, AvailabilityZone: `${REGION}a` }),
    );
    const SubnetId = present(Subnet?.SubnetId, "SubnetId");
    for (const last of [4, 6, 7, 8, 9, 10, 11, 12, 13, 14]) {
      await berth.ec2.send(
        new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: `${prefix}.${last}` }),
      );
    }
    return SubnetId;
  }

  it("through the NAT gateway the other VPC's load balancer sees the elastic address as its client", async () => {
    assert.equal(blueBalancerAddresses.length, 2);
    for (const address of blueBalancerAddresses) {
      const { stdout } = await who(red, address);
      assert.match(stdout, /^name=blue$/m);
      assert.match(stdout, new RegExp(`^forwarded=${redOutside.replaceAll(".", "\\.")}$`, "m"));
    }
  });

  it("without a NAT gateway there is no way out", async () => {
    const [address = ""] = blueBalancerAddresses;
    assert.equal((await who(blue, address)).exitCode, 1);
  });
});
