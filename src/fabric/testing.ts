/** A small VPC for tests of planners and renderers: public and private subnet, a task, a load balancer node, a NAT gateway. */
import type { InterfaceConfig, VpcConfig } from "./config.ts";

export const TASK = "eni-0aaaaaaaaaaaaaaa1";
export const NODE = "eni-0bbbbbbbbbbbbbbb2";
export const NAT = "eni-0ccccccccccccccc3";
export const TASK_GROUP = "sg-00000000000000001";
export const NODE_GROUP = "sg-00000000000000002";

export function testInterface(interfaceId: string, parts: Partial<InterfaceConfig> = {}): InterfaceConfig {
  return {
    interfaceId,
    subnetId: "subnet-00000000000000002",
    address: "10.0.2.20",
    macAddress: "02:00:00:00:00:01",
    securityGroupIds: [TASK_GROUP],
    filtering: "security-groups",
    sourceDestCheck: true,
    sandbox: { kind: "process", processId: 4711 },
    ...parts,
  };
}

export function testVpc(parts: Partial<VpcConfig> = {}): VpcConfig {
  const subnetId = "subnet-00000000000000001";
  const own = { subnetId, macAddress: "02:00:00:00:00:02" };
  return {
    vpcId: "vpc-00000000000000001",
    cidr: "10.0.0.0/16",
    subnets: [
      {
        subnetId,
        cidr: "10.0.1.0/24",
        routes: [{ destination: "0.0.0.0/0", target: { kind: "internet-gateway" } }],
      },
      {
        subnetId: "subnet-00000000000000002",
        cidr: "10.0.2.0/24",
        routes: [{ destination: "0.0.0.0/0", target: { kind: "interface", interfaceId: NAT } }],
      },
    ],
    interfaces: [
      testInterface(TASK),
      testInterface(NODE, {
        ...own,
        address: "10.0.1.10",
        securityGroupIds: [NODE_GROUP, TASK_GROUP],
        sandbox: { kind: "own-namespace", natGateway: false },
      }),
      testInterface(NAT, {
        ...own,
        address: "10.0.1.90",
        securityGroupIds: [],
        filtering: "none",
        sourceDestCheck: false,
        sandbox: { kind: "own-namespace", natGateway: true },
      }),
    ],
    securityGroups: [
      {
        groupId: TASK_GROUP,
        ingress: [
          { protocol: "tcp", ports: { from: 80, to: 80 }, peer: { kind: "group", groupId: NODE_GROUP } },
        ],
        egress: [{ protocol: "-1", peer: { kind: "cidr", cidr: "0.0.0.0/0" } }],
        members: ["10.0.2.20", "10.0.1.10"],
      },
      {
        groupId: NODE_GROUP,
        ingress: [
          { protocol: "tcp", ports: { from: 443, to: 443 }, peer: { kind: "cidr", cidr: "0.0.0.0/0" } },
        ],
        egress: [],
        members: ["10.0.1.10"],
      },
    ],
    internetGateway: true,
    publicAddresses: [
      { publicIp: "198.18.0.20", privateIp: "10.0.1.10" },
      { publicIp: "198.18.0.21", privateIp: "10.0.1.90" },
    ],
    dnsSupport: true,
    ...parts,
  };
}
