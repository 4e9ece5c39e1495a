/** The SDK reads endpoint, region and keys from the environment. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { ServiceDiscoveryClient } from "@aws-sdk/client-servicediscovery";
import { SSMClient } from "@aws-sdk/client-ssm";

export const NAME = "ecs-django";
export const CLUSTER = `${NAME}-cluster`;
export const LOG_GROUP = `/ecs/${NAME}`;

export function createClients() {
  return {
    ec2: new EC2Client(),
    ecs: new ECSClient(),
    elb: new ElasticLoadBalancingV2Client(),
    iam: new IAMClient(),
    logs: new CloudWatchLogsClient(),
    cloudMap: new ServiceDiscoveryClient(),
    ssm: new SSMClient(),
  };
}

export type Clients = ReturnType<typeof createClients>;

/** Polls until `check` gives something. Throws when that takes longer than `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`waited ${seconds} s in vain until ${what}`);
}

/** What an answer must have. Throws when it has not. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the answer has no ${what}`);
  return value;
}
