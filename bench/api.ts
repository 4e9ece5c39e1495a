/** Calls of the AWS APIs: the same bytes to Berth's gateway and to moto's server, with the same resources behind. */
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { REGION, type TestBerth } from "../test/stories/harness.ts";
import { type Load, makeLoad, NUMBER } from "./load.ts";
import type { Moto } from "./moto.ts";
import type { Comparison } from "./report.ts";

export interface Effort {
  readonly seconds: number;
  readonly connections: number;
  readonly progress: (what: string) => void;
}

interface Call {
  readonly what: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const JSON_1_1 = { "content-type": "application/x-amz-json-1.1" };

const CALLS: readonly Call[] = [
  {
    what: "DescribeVpcs (EC2 query)",
    service: "ec2",
    headers: FORM,
    body: "Action=DescribeVpcs&Version=2016-11-15",
  },
  {
    what: "DescribeClusters (ECS JSON)",
    service: "ecs",
    headers: { ...JSON_1_1, "x-amz-target": "AmazonEC2ContainerServiceV20141113.DescribeClusters" },
    body: JSON.stringify({ clusters: ["bench-0", "bench-1", "bench-2"] }),
  },
  {
    what: "DescribeLoadBalancers (ELB query)",
    service: "elasticloadbalancing",
    headers: FORM,
    body: "Action=DescribeLoadBalancers&Version=2015-12-01",
  },
  {
    what: "CreateLogGroup (a write)",
    service: "logs",
    headers: { ...JSON_1_1, "x-amz-target": "Logs_20140328.CreateLogGroup" },
    body: JSON.stringify({ logGroupName: `bench-${NUMBER}` }),
  },
];

/** Three VPCs, three clusters, one load balancer. */
async function populate(endpoint: string): Promise<void> {
  const options = { endpoint, region: REGION, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const ec2 = new EC2Client(options);
  const ecs = new ECSClient(options);
  const elb = new ElasticLoadBalancingV2Client(options);
  let VpcId: string | undefined;
  for (const at of [0, 1, 2]) {
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `10.${90 + at}.0.0/16` }));
    VpcId = Vpc?.VpcId;
    await ecs.send(new CreateClusterCommand({ clusterName: `bench-${at}` }));
  }
  const subnets: string[] = [];
  for (const [CidrBlock, zone] of [
    ["10.92.1.0/24", "a"],
    ["10.92.2.0/24", "c"],
  ] as const) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${REGION}${zone}` }),
    );
    if (Subnet?.SubnetId !== undefined) subnets.push(Subnet.SubnetId);
  }
  await elb.send(new CreateLoadBalancerCommand({ Name: "bench", Scheme: "internal", Subnets: subnets }));
}

export async function measureApi(
  berth: TestBerth,
  moto: Moto | undefined,
  effort: Effort,
): Promise<Comparison[]> {
  await populate(berth.endpoint);
  if (moto !== undefined) await populate(moto.endpoint);
  const rows: Comparison[] = [];
  for (const call of CALLS) {
    effort.progress(call.what);
    const ours = await makeLoad(loadOf(call, berth.port, effort));
    const theirs = moto && (await makeLoad(loadOf(call, moto.port, effort)));
    const details = { berth: ours, other: theirs };
    const notes = [
      ...(call.service === "logs" ? ["Berth: on disk before the answer; moto: in memory"] : []),
      ...(theirs !== undefined && theirs.reconnects > 0 ? ["moto closes after each answer"] : []),
    ];
    const row = { what: call.what, otherName: "moto", details };
    rows.push({
      ...row,
      unit: "requests/s",
      berth: ours.perSecond,
      other: theirs?.perSecond,
      note: notes.join("; "),
    });
    rows.push({ ...row, what: "… p50", unit: "ms", berth: ours.p50Ms, other: theirs?.p50Ms });
    rows.push({ ...row, what: "… p99", unit: "ms", berth: ours.p99Ms, other: theirs?.p99Ms });
  }
  return rows;
}

function loadOf(call: Call, port: number, { seconds, connections }: Effort): Load {
  const date = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const scope = `${date.slice(0, 8)}/${REGION}/${call.service}/aws4_request`;
  const headers = {
    ...call.headers,
    "x-amz-date": date,
    // Neither side checks signatures; both read the scope.
    authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
  };
  return {
    host: "127.0.0.1",
    port,
    method: "POST",
    path: "/",
    headers,
    body: call.body,
    connections,
    seconds,
  };
}
