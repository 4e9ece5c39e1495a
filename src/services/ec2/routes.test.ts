import assert from "node:assert/strict";
import { test } from "node:test";
import { natGateways } from "../../store/tables/ec2.ts";
import {
  assertFails,
  call,
  newAttachedGateway,
  newAwsInterface,
  newNetwork,
  newSubnet,
  TASK_OWNER,
} from "./testing.ts";

function newTable() {
  const network = newNetwork();
  const { context, vpcId } = network;
  const RouteTableId = call(context, "CreateRouteTable", { VpcId: vpcId }).RouteTable?.RouteTableId ?? "";
  const routes = () =>
    call(context, "DescribeRouteTables", { RouteTableIds: [RouteTableId] }).RouteTables?.[0]?.Routes?.map(
      (route) => [
        route.DestinationCidrBlock,
        route.GatewayId ?? route.NatGatewayId ?? route.NetworkInterfaceId,
        route.State,
      ],
    );
  return { ...network, network, RouteTableId, routes };
}

test("a default route to the internet gateway is active until the gateway is detached", () => {
  const { context, network, vpcId, RouteTableId, routes } = newTable();
  const GatewayId = newAttachedGateway(network);
  call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId });
  assert.deepEqual(routes(), [
    ["10.0.0.0/16", "local", "active"],
    ["0.0.0.0/0", GatewayId, "active"],
  ]);
  call(context, "DetachInternetGateway", { InternetGatewayId: GatewayId, VpcId: vpcId });
  assert.deepEqual(routes()?.[1], ["0.0.0.0/0", GatewayId, "blackhole"]);
});

test("a second route to the same destination is refused, replacing and deleting need one", () => {
  const { context, network, RouteTableId, routes } = newTable();
  const GatewayId = newAttachedGateway(network);
  const route = { RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId };
  assertFails(
    () => call(context, "ReplaceRoute", route),
    "InvalidParameterValue",
    "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
  );
  assertFails(
    () => call(context, "DeleteRoute", route),
    "InvalidRoute.NotFound",
    `no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`,
  );
  call(context, "CreateRoute", route);
  assertFails(
    () => call(context, "CreateRoute", route),
    "RouteAlreadyExists",
    "The route identified by 0.0.0.0/0 already exists.",
  );
  call(context, "DeleteRoute", route);
  assert.equal(routes()?.length, 1);
});

test("destinations lose their host bits, and bad ones are refused", () => {
  const { context, network, RouteTableId, routes } = newTable();
  const GatewayId = newAttachedGateway(network);
  call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock: "100.68.0.18/18", GatewayId });
  assert.equal(routes()?.[1]?.[0], "100.68.0.0/18");
  assertFails(
    () => call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock: "everywhere", GatewayId }),
    "InvalidParameterValue",
    "Value (everywhere) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.",
  );
  assertFails(() => call(context, "CreateRoute", { RouteTableId, GatewayId }), "MissingParameter");
});

test("inside the VPC a route may lead to a network interface only", () => {
  const { context, network, subnetId, RouteTableId, routes } = newTable();
  const GatewayId = newAttachedGateway(network);
  const DestinationCidrBlock = "10.0.9.0/24";
  assertFails(
    () => call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock, GatewayId }),
    "InvalidParameterValue",
    "The destination CIDR block 10.0.9.0/24 is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.",
  );
  const eni = call(context, "CreateNetworkInterface", { SubnetId: subnetId }).NetworkInterface
    ?.NetworkInterfaceId;
  call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock, NetworkInterfaceId: eni });
  assert.deepEqual(routes()?.[1], [DestinationCidrBlock, eni, "blackhole"], "nothing uses the interface");
  const inUse = newAwsInterface(network, TASK_OWNER).networkInterfaceId;
  call(context, "ReplaceRoute", { RouteTableId, DestinationCidrBlock, NetworkInterfaceId: inUse });
  assert.deepEqual(routes()?.[1], [DestinationCidrBlock, inUse, "active"]);
});

test("the local route stays", () => {
  const { context, RouteTableId } = newTable();
  assertFails(
    () => call(context, "DeleteRoute", { RouteTableId, DestinationCidrBlock: "10.0.0.0/16" }),
    "InvalidParameterValue",
  );
});

test("targets must exist, be of the VPC, and be one", () => {
  const { context, network, RouteTableId } = newTable();
  const other = newNetwork(context);
  const GatewayId = newAttachedGateway(other);
  const route = { RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
  assertFails(
    () => call(context, "CreateRoute", { ...route, GatewayId }),
    "InvalidParameterValue",
    `route table ${RouteTableId} and network gateway ${GatewayId} belong to different networks`,
  );
  assertFails(
    () => call(context, "CreateRoute", { ...route, GatewayId: "igw-1" }),
    "InvalidGatewayID.NotFound",
    "The gateway ID 'igw-1' does not exist",
  );
  assertFails(
    () => call(context, "CreateRoute", { ...route, NatGatewayId: "nat-00000000000000000" }),
    "InvalidNatGatewayID.NotFound",
    "The natGateway ID 'nat-00000000000000000' does not exist",
  );
  assertFails(
    () => call(context, "CreateRoute", { ...route, TransitGatewayId: "tgw-1" }),
    "InvalidTransitGatewayID.NotFound",
  );
  assertFails(() => call(context, "CreateRoute", route), "MissingParameter");
  const own = newAttachedGateway(network);
  assertFails(
    () => call(context, "CreateRoute", { ...route, GatewayId: own, NatGatewayId: "nat-00000000000000000" }),
    "InvalidParameterCombination",
  );
});

test("a route to a NAT gateway becomes a blackhole when the gateway goes, and keeps its own member", () => {
  const { context, network, subnetId, RouteTableId, routes } = newTable();
  newAttachedGateway(network);
  const AllocationId = call(context, "AllocateAddress", {}).AllocationId;
  const nat =
    call(context, "CreateNatGateway", { SubnetId: subnetId, AllocationId }).NatGateway?.NatGatewayId ?? "";
  call(context, "CreateRoute", { RouteTableId, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: nat });
  assert.deepEqual(routes()?.[1], ["0.0.0.0/0", nat, "active"]);
  call(context, "DeleteNatGateway", { NatGatewayId: nat });
  assert.equal(context.store.get(natGateways, nat)?.state, "deleting");
  assert.deepEqual(routes()?.[1], ["0.0.0.0/0", nat, "blackhole"]);
});

test("a subnet has one explicit association, found by its id until it is removed", () => {
  const { context, vpcId, subnetId: SubnetId, RouteTableId } = newTable();
  const { AssociationId } = call(context, "AssociateRouteTable", { RouteTableId, SubnetId });
  const find = () =>
    call(context, "DescribeRouteTables", {
      Filters: [{ Name: "association.route-table-association-id", Values: [AssociationId ?? ""] }],
    }).RouteTables;
  assert.equal(find()?.[0]?.Associations?.[0]?.AssociationState?.State, "associated");
  const second = call(context, "CreateRouteTable", { VpcId: vpcId }).RouteTable?.RouteTableId;
  assertFails(
    () => call(context, "AssociateRouteTable", { RouteTableId: second, SubnetId }),
    "Resource.AlreadyAssociated",
    `the specified association for route table ${second} conflicts with an existing association`,
  );
  assertFails(
    () => call(context, "DeleteRouteTable", { RouteTableId }),
    "DependencyViolation",
    `The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`,
  );
  call(context, "DisassociateRouteTable", { AssociationId });
  assert.deepEqual(find(), []);
  assertFails(
    () => call(context, "DisassociateRouteTable", { AssociationId }),
    "InvalidAssociationID.NotFound",
    `The association ID '${AssociationId}' does not exist`,
  );
  call(context, "DeleteRouteTable", { RouteTableId });
});

test("a subnet cannot use a table of another VPC", () => {
  const { context, RouteTableId } = newTable();
  const other = newNetwork(context);
  const SubnetId = newSubnet(context, other.vpcId, "10.0.5.0/24");
  assertFails(
    () => call(context, "AssociateRouteTable", { RouteTableId, SubnetId }),
    "InvalidParameterValue",
    `route table ${RouteTableId} and subnet ${SubnetId} belong to different networks`,
  );
});

test("replacing an association gives it a new id, and can make another table the main one", () => {
  const { context, vpcId, RouteTableId } = newTable();
  const main = () =>
    call(context, "DescribeRouteTables", {
      Filters: [
        { Name: "association.main", Values: ["true"] },
        { Name: "vpc-id", Values: [vpcId] },
      ],
    }).RouteTables ?? [];
  const [before] = main();
  const AssociationId = before?.Associations?.[0]?.RouteTableAssociationId;
  assertFails(
    () => call(context, "DisassociateRouteTable", { AssociationId }),
    "InvalidParameterValue",
    `cannot disassociate the main route table association ${AssociationId}`,
  );
  const { NewAssociationId } = call(context, "ReplaceRouteTableAssociation", { AssociationId, RouteTableId });
  assert.notEqual(NewAssociationId, AssociationId);
  assert.deepEqual(
    main().map((table) => table.RouteTableId),
    [RouteTableId],
  );
  assertFails(() => call(context, "DeleteRouteTable", { RouteTableId }), "DependencyViolation");
  call(context, "ReplaceRouteTableAssociation", { AssociationId: NewAssociationId, RouteTableId });
  assert.equal(main()[0]?.Associations?.length, 1, "onto the same table it stays one association");
});

test("a client token answers with the table that it made, and not for another VPC", () => {
  const { context, vpcId } = newTable();
  const create = (VpcId: string) => call(context, "CreateRouteTable", { VpcId, ClientToken: "t" }).RouteTable;
  assert.equal(create(vpcId)?.RouteTableId, create(vpcId)?.RouteTableId);
  assertFails(() => create(newNetwork(context).vpcId), "IdempotentParameterMismatch");
});
