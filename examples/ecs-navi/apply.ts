/**
 * The ecs-navi system by the AWS SDK for JavaScript: what `terraform/` describes, call by call.
 *
 * It knows nothing of Berth: the SDK reads AWS_ENDPOINT_URL, AWS_REGION and the keys from the environment, so the
 * same file makes the same system on AWS (there the zone has to be delegated to, for the certificate to be issued).
 *
 *   eval "$(./berth env --region ap-northeast-1)"
 *   node examples/ecs-navi/apply.ts                    # makes the system
 *   node examples/ecs-navi/apply.ts --backend-count 3  # scales the backend
 */
import { ACMClient } from "@aws-sdk/client-acm";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  DescribeServicesCommand,
  ECSClient,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { ServiceDiscoveryClient } from "@aws-sdk/client-servicediscovery";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { requestCertificate, validateCertificate } from "./sdk/certificate.ts";
import { createDiscovery } from "./sdk/discovery.ts";
import { createLoadBalancer, createRules } from "./sdk/load-balancer.ts";
import { createNetwork, createSecurityGroups } from "./sdk/network.ts";
import { createService, registerTaskDefinitions } from "./sdk/services.ts";
import { until } from "./sdk/until.ts";
import { createAliasRecords, createZone } from "./sdk/zone.ts";

export const SERVICE_NAME = "ecs-navi";
export const DOMAIN = "ecs-navi.site";

function step(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

async function scale(ecs: ECSClient, count: number): Promise<void> {
  const service = `${SERVICE_NAME}-backend-service`;
  const cluster = `${SERVICE_NAME}-cluster`;
  await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: count }));
  step(`backend scaled to ${count}`);
  await untilSteady(ecs, [service]);
}

/** As the ServicesStable waiter, which polls every 15 seconds, only sooner. */
async function untilSteady(ecs: ECSClient, services: string[]): Promise<void> {
  await until("the services are steady", 240, async () => {
    const answer = await ecs.send(
      new DescribeServicesCommand({ cluster: `${SERVICE_NAME}-cluster`, services }),
    );
    return answer.services?.every(
      (service) => service.deployments?.length === 1 && service.runningCount === service.desiredCount,
    );
  });
}

async function createRole(): Promise<string> {
  const iam = new IAMClient();
  const RoleName = `${SERVICE_NAME}-ecs-task-execution-role`;
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" } },
        ],
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: `${SERVICE_NAME}-ecs-task-execution-policy`,
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: [
              "ecr:GetAuthorizationToken",
              "ecr:BatchCheckLayerAvailability",
              "ecr:GetDownloadUrlForLayer",
              "ecr:BatchGetImage",
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ],
            Resource: "*",
          },
        ],
      }),
    }),
  );
  return Role?.Arn ?? "";
}

async function createLogGroups(): Promise<void> {
  const logs = new CloudWatchLogsClient();
  for (const name of ["nginx", "api", "nginx-proxy"]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName: `/ecs/${name}` }));
  }
}

async function apply(backendCount: number): Promise<void> {
  const ec2 = new EC2Client();
  const elb = new ElasticLoadBalancingV2Client();
  const acm = new ACMClient();
  const route53 = new Route53Client();
  const ecs = new ECSClient();
  const { Account } = await new STSClient().send(new GetCallerIdentityCommand());
  const region = await ecs.config.region();
  const registry = process.env["IMAGE_PREFIX"] ?? `${Account}.dkr.ecr.${region}.amazonaws.com`;

  const network = await createNetwork(ec2, region);
  step(`network: VPC ${network.vpcId}, 4 subnets, internet gateway, NAT gateway`);
  const groups = await createSecurityGroups(ec2, network.vpcId);
  step("security groups: load balancer, backend, proxy");
  const zoneId = await createZone(route53, DOMAIN);
  const certificateArn = await requestCertificate(acm, DOMAIN);
  await validateCertificate(acm, route53, certificateArn, zoneId);
  step(`DNS: zone ${DOMAIN}, certificate issued`);
  const balancer = await createLoadBalancer(elb, network, groups.loadBalancer, certificateArn);
  await createRules(elb, balancer, DOMAIN);
  await createAliasRecords(route53, zoneId, [DOMAIN, `api.${DOMAIN}`], balancer);
  step(`load balancer: ${balancer.dnsName}`);
  const registries = await createDiscovery(new ServiceDiscoveryClient(), network.vpcId);
  step(`Cloud Map: namespace ${SERVICE_NAME}.local, services backend and proxy-nginx`);
  const roleArn = await createRole();
  await createLogGroups();
  await ecs.send(new CreateClusterCommand({ clusterName: `${SERVICE_NAME}-cluster` }));
  const definitions = await registerTaskDefinitions(ecs, registry, roleArn, region);
  await createService(ecs, {
    name: `${SERVICE_NAME}-backend-service`,
    taskDefinition: definitions.backend,
    desiredCount: backendCount,
    subnets: network.privateSubnetIds,
    securityGroup: groups.backend,
    targetGroupArn: balancer.backendTargetGroupArn,
    registryArn: registries.backend,
  });
  await createService(ecs, {
    name: `${SERVICE_NAME}-nginx-proxy-service`,
    taskDefinition: definitions.proxy,
    desiredCount: 1,
    subnets: network.privateSubnetIds,
    securityGroup: groups.proxy,
    targetGroupArn: balancer.proxyTargetGroupArn,
    registryArn: registries.proxy,
  });
  step("services: backend and nginx-proxy");
  await untilSteady(ecs, [`${SERVICE_NAME}-backend-service`, `${SERVICE_NAME}-nginx-proxy-service`]);
  step("both services are steady");
}

const flag = process.argv.indexOf("--backend-count");
if (flag >= 0) await scale(new ECSClient(), Number(process.argv[flag + 1]));
else await apply(1);
