/** What the EC2 tests build on: networks made through the handlers, and interfaces as AWS's services make them. */
import assert from "node:assert/strict";
import type { NetworkInterface, NetworkInterfaceOwner, Subnet } from "../../model/ec2/records.ts";
import { freePrivateAddress } from "../../store/network-interfaces.ts";
import { networkInterfaces, subnets } from "../../store/tables/ec2.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";

type Operations = typeof operations;

/** Runs an operation that must not be asynchronous, as no EC2 handler is. */
export function call<Name extends keyof Operations>(
  context: HandlerContext,
  name: Name,
  input: Parameters<Operations[Name]>[0],
): ReturnType<Operations[Name]> {
  const operation = operations[name] as (
    input: Parameters<Operations[Name]>[0],
    context: HandlerContext,
  ) => ReturnType<Operations[Name]>;
  return operation(input, context);
}

/** Asserts the error code and, when it is given, the exact message. */
export function assertFails(work: () => unknown, code: string, message?: string): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof CodedError, `not a coded error: ${String(error)}`);
    assert.equal(error.code, code);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });
}

export interface Network {
  readonly context: HandlerContext;
  readonly vpcId: string;
  readonly subnetId: string;
}

/** 10.0.0.0/16 with the subnet 10.0.1.0/24 in zone a. */
export function newNetwork(context: HandlerContext = testContext()): Network {
  const vpcId = call(context, "CreateVpc", { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId ?? "";
  return { context, vpcId, subnetId: newSubnet(context, vpcId, "10.0.1.0/24") };
}

export function newSubnet(context: HandlerContext, vpcId: string, cidrBlock: string): string {
  const { Subnet } = call(context, "CreateSubnet", {
    VpcId: vpcId,
    CidrBlock: cidrBlock,
    AvailabilityZone: `${context.scope.region}a`,
  });
  return Subnet?.SubnetId ?? "";
}

/** Made and attached to the VPC. */
export function newAttachedGateway({ context, vpcId }: Network): string {
  const id = call(context, "CreateInternetGateway", {}).InternetGateway?.InternetGatewayId ?? "";
  call(context, "AttachInternetGateway", { InternetGatewayId: id, VpcId: vpcId });
  return id;
}

export function newGroup(context: HandlerContext, vpcId: string, name: string): string {
  const input = { GroupName: name, Description: name, VpcId: vpcId };
  return call(context, "CreateSecurityGroup", input).GroupId ?? "";
}

/** An interface in use, as ECS or a load balancer stores it. */
export function newAwsInterface(
  { context, subnetId }: Network,
  owner: NetworkInterfaceOwner,
  parts: Partial<NetworkInterface> = {},
): NetworkInterface {
  const subnet = context.store.get(subnets, subnetId) as Subnet;
  const prefix = owner.kind === "ecs-task" ? "eni-attach" : "ela-attach";
  const record: NetworkInterface = {
    ...context.scope,
    networkInterfaceId: newId(ID_KINDS.networkInterface, context.random),
    vpcId: subnet.vpcId,
    subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: freePrivateAddress(context.store, subnet, context.random) ?? "",
    macAddress: "0a:00:00:00:00:01",
    groupIds: [],
    sourceDestCheck: true,
    description: "",
    owner,
    attachmentId: `${prefix}-${context.random.hex(17)}`,
    linkState: "ready",
    createTime: context.clock.now(),
    tags: [],
    ...parts,
  };
  context.store.transaction((tx) => tx.put(networkInterfaces, record));
  return record;
}

export const TASK_OWNER: NetworkInterfaceOwner = {
  kind: "ecs-task",
  taskArn: "arn:aws:ecs:ap-northeast-1:000000000000:task/demo/0123",
  attachmentArn: "arn:aws:ecs:ap-northeast-1:000000000000:attachment/11111111-2222-3333-4444-555555555555",
};
