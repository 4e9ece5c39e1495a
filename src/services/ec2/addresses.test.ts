import assert from "node:assert/strict";
import { test } from "node:test";
import { addresses, natGateways, networkInterfaces } from "../../store/tables/ec2.ts";
import { testContext } from "../testing.ts";
import {
  assertFails,
  call,
  type Network,
  newAttachedGateway,
  newAwsInterface,
  newNetwork,
  newSubnet,
  TASK_OWNER,
} from "./testing.ts";

const DENIED = "You do not have permission to access the specified resource.";

function newAllocation({ context }: Network): string {
  return call(context, "AllocateAddress", { Domain: "vpc" }).AllocationId ?? "";
}

function newInterface({ context, subnetId }: Network): string {
  const { NetworkInterface } = call(context, "CreateNetworkInterface", { SubnetId: subnetId });
  return NetworkInterface?.NetworkInterfaceId ?? "";
}

test("an address comes from the pool, is described, and goes", () => {
  const network = newNetwork();
  const { context } = network;
  const AllocationId = newAllocation(network);
  const [address] = call(context, "DescribeAddresses", { AllocationIds: [AllocationId] }).Addresses ?? [];
  assert.match(address?.PublicIp ?? "", /^198\.18\./);
  assert.equal(address?.Domain, "vpc");
  const byIp = call(context, "DescribeAddresses", { PublicIps: [address?.PublicIp ?? ""] }).Addresses;
  assert.equal(byIp?.[0]?.AllocationId, AllocationId);
  call(context, "ReleaseAddress", { AllocationId });
  assertFails(
    () => call(context, "ReleaseAddress", { AllocationId }),
    "InvalidAllocationID.NotFound",
    `The allocation ID '${AllocationId}' does not exist`,
  );
  assertFails(
    () => call(context, "DescribeAddresses", { PublicIps: ["198.18.0.99"] }),
    "InvalidAddress.NotFound",
    "Address '198.18.0.99' not found.",
  );
});

test("the pool runs out instead of giving an address twice", () => {
  // A /27 has 15 addresses beside the 16 that are kept and the last.
  const settings = { ...testContext().settings, publicPool: "198.18.0.0/27" };
  const context = testContext({ settings });
  const ips = Array.from({ length: 15 }, () => call(context, "AllocateAddress", {}).PublicIp);
  assert.equal(new Set(ips).size, 15);
  assertFails(() => call(context, "AllocateAddress", {}), "InsufficientAddressCapacity");
});

test("an address goes on a user's interface, moves when it may, and keeps its id when nothing changes", () => {
  const network = newNetwork();
  const { context } = network;
  newAttachedGateway(network);
  const AllocationId = newAllocation(network);
  const first = newInterface(network);
  const second = newInterface(network);
  const { AssociationId } = call(context, "AssociateAddress", { AllocationId, NetworkInterfaceId: first });
  const again = call(context, "AssociateAddress", { AllocationId, NetworkInterfaceId: first });
  assert.equal(again.AssociationId, AssociationId);
  assertFails(
    () =>
      call(context, "AssociateAddress", {
        AllocationId,
        NetworkInterfaceId: second,
        AllowReassociation: false,
      }),
    "Resource.AlreadyAssociated",
    `resource ${AllocationId} is already associated with associate-id ${AssociationId}`,
  );
  const moved = call(context, "AssociateAddress", { AllocationId, NetworkInterfaceId: second });
  assert.notEqual(moved.AssociationId, AssociationId);
  assertFails(() => call(context, "ReleaseAddress", { AllocationId }), "InvalidIPAddress.InUse");
  assertFails(() => call(context, "DisassociateAddress", { AssociationId }), "InvalidAssociationID.NotFound");
  call(context, "DisassociateAddress", { AssociationId: moved.AssociationId });
  call(context, "ReleaseAddress", { AllocationId });
});

test("a newer address takes an interface's older one off it, and deleting the interface frees the address", () => {
  const network = newNetwork();
  const { context } = network;
  newAttachedGateway(network);
  const [older, newer] = [newAllocation(network), newAllocation(network)];
  const NetworkInterfaceId = newInterface(network);
  call(context, "AssociateAddress", { AllocationId: older, NetworkInterfaceId });
  call(context, "AssociateAddress", { AllocationId: newer, NetworkInterfaceId });
  assert.equal(context.store.get(addresses, older)?.association, undefined);
  call(context, "DeleteNetworkInterface", { NetworkInterfaceId });
  assert.equal(context.store.get(addresses, newer)?.association, undefined);
});

test("an address needs an internet gateway to be of use", () => {
  const network = newNetwork();
  const { context, vpcId } = network;
  const input = { AllocationId: newAllocation(network), NetworkInterfaceId: newInterface(network) };
  assertFails(
    () => call(context, "AssociateAddress", input),
    "Gateway.NotAttached",
    `Network ${vpcId} is not attached to any internet gateway`,
  );
});

test("interfaces of tasks take no elastic address", () => {
  const network = newNetwork();
  newAttachedGateway(network);
  const { networkInterfaceId: NetworkInterfaceId } = newAwsInterface(network, TASK_OWNER);
  const input = { AllocationId: newAllocation(network), NetworkInterfaceId };
  assertFails(() => call(network.context, "AssociateAddress", input), "AuthFailure", DENIED);
});

test("a NAT gateway takes an address of its subnet and an elastic one, which then is not the user's to change", () => {
  const network = newNetwork();
  const { context, subnetId: SubnetId } = network;
  newAttachedGateway(network);
  const AllocationId = newAllocation(network);
  const created = call(context, "CreateNatGateway", { SubnetId, AllocationId }).NatGateway;
  assert.equal(created?.State, "pending");
  const [gateway] =
    call(context, "DescribeNatGateways", { NatGatewayIds: [created?.NatGatewayId ?? ""] }).NatGateways ?? [];
  const [used] = gateway?.NatGatewayAddresses ?? [];
  assert.equal(used?.AllocationId, AllocationId);
  assert.equal(used?.IsPrimary, true);
  const [address] = call(context, "DescribeAddresses", { AllocationIds: [AllocationId] }).Addresses ?? [];
  assert.equal(address?.NetworkInterfaceId, used?.NetworkInterfaceId);
  assert.equal(address?.PrivateIpAddress, used?.PrivateIp);
  const { AssociationId } = address ?? {};
  assertFails(() => call(context, "DisassociateAddress", { AssociationId }), "AuthFailure", DENIED);
  assertFails(() => call(context, "ReleaseAddress", { AllocationId }), "AuthFailure", DENIED);
  const NetworkInterfaceId = newInterface(network);
  assertFails(
    () => call(context, "AssociateAddress", { AllocationId, NetworkInterfaceId }),
    "AuthFailure",
    DENIED,
  );
  assertFails(() => call(context, "DeleteSubnet", { SubnetId }), "DependencyViolation");
});

test("what a NAT gateway lacks shows as a failure with EC2's code, and nothing is taken", () => {
  const network = newNetwork();
  const { context, vpcId, subnetId: SubnetId } = network;
  const AllocationId = newAllocation(network);
  const failureOf = (allocationId: string, subnetId = SubnetId) => {
    const created = call(context, "CreateNatGateway", { SubnetId: subnetId, AllocationId: allocationId });
    assert.equal(created.NatGateway?.State, "pending");
    const { NatGateways } = call(context, "DescribeNatGateways", {
      NatGatewayIds: [created.NatGateway?.NatGatewayId ?? ""],
    });
    assert.equal(NatGateways?.[0]?.State, "failed");
    return [NatGateways?.[0]?.FailureCode, NatGateways?.[0]?.FailureMessage];
  };
  assert.deepEqual(failureOf(AllocationId), [
    "Gateway.NotAttached",
    `Network ${vpcId} has no Internet gateway attached`,
  ]);
  newAttachedGateway(network);
  assert.deepEqual(failureOf("eipalloc-0"), [
    "InvalidAllocationID.NotFound",
    "Elastic IP address eipalloc-0 could not be associated with this NAT gateway",
  ]);
  const taken = newAllocation(network);
  call(context, "AssociateAddress", { AllocationId: taken, NetworkInterfaceId: newInterface(network) });
  assert.deepEqual(failureOf(taken), [
    "Resource.AlreadyAssociated",
    `Elastic IP address ${taken} is already associated`,
  ]);
  const small = { ...network, subnetId: newSubnet(context, vpcId, "10.0.2.0/28") };
  for (let i = 0; i < 11; i++) newInterface(small);
  assert.deepEqual(failureOf(AllocationId, small.subnetId), [
    "InsufficientFreeAddressesInSubnet",
    "Subnet has insufficient free addresses to create this NAT gateway",
  ]);
  assert.equal(context.store.get(addresses, AllocationId)?.association, undefined);
  assert.equal(
    context.store.list(networkInterfaces).filter((eni) => eni.owner.kind === "nat-gateway").length,
    0,
  );
});

test("a public NAT gateway needs an allocation id, a private one has none", () => {
  const network = newNetwork();
  const { context, subnetId: SubnetId } = network;
  assertFails(
    () => call(context, "CreateNatGateway", { SubnetId }),
    "MissingParameter",
    "The request must include the AllocationId parameter. Add the required parameter and retry the request.",
  );
  const made = call(context, "CreateNatGateway", { SubnetId, ConnectivityType: "private" }).NatGateway;
  assert.equal(made?.NatGatewayAddresses?.[0]?.AllocationId, undefined);
  assert.match(made?.NatGatewayAddresses?.[0]?.PrivateIp ?? "", /^10\.0\.1\./);
});

test("deleting a NAT gateway leaves the rest to the fabric; a failed one is deleted at once", () => {
  const network = newNetwork();
  const { context, subnetId: SubnetId } = network;
  const AllocationId = newAllocation(network);
  const failed = call(context, "CreateNatGateway", { SubnetId, AllocationId }).NatGateway?.NatGatewayId ?? "";
  newAttachedGateway(network);
  const NatGatewayId =
    call(context, "CreateNatGateway", { SubnetId, AllocationId }).NatGateway?.NatGatewayId ?? "";
  assert.deepEqual(call(context, "DeleteNatGateway", { NatGatewayId }), { NatGatewayId });
  call(context, "DeleteNatGateway", { NatGatewayId });
  assert.equal(context.store.get(natGateways, NatGatewayId)?.state, "deleting");
  assert.notEqual(context.store.get(addresses, AllocationId)?.association, undefined);
  call(context, "DeleteNatGateway", { NatGatewayId: failed });
  assert.equal(context.store.get(natGateways, failed)?.state, "deleted");
  assertFails(
    () => call(context, "DescribeNatGateways", { NatGatewayIds: ["nat-00000000000000000"] }),
    "NatGatewayNotFound",
    "NAT gateway nat-00000000000000000 was not found",
  );
});

test("a client token answers with the NAT gateway that it made", () => {
  const network = newNetwork();
  newAttachedGateway(network);
  const input = { SubnetId: network.subnetId, AllocationId: newAllocation(network), ClientToken: "once" };
  const first = call(network.context, "CreateNatGateway", input);
  const second = call(network.context, "CreateNatGateway", input);
  assert.equal(second.NatGateway?.NatGatewayId, first.NatGateway?.NatGatewayId);
});
