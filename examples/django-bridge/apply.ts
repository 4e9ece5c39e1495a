/**
 * The article's steps by the AWS SDK for JavaScript: what `terraform/` describes, call by call.
 *
 * It knows nothing of Berth: the SDK reads AWS_ENDPOINT_URL, AWS_REGION and the keys from the environment.
 *
 *   eval "$(./berth env --region ap-northeast-1)"
 *   node examples/django-bridge/apply.ts --step 1             # 1, 1b, 2, 3, 4 or 5, in any order
 *   node examples/django-bridge/apply.ts --gunicorn-count 3   # in step 5
 */
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { CLUSTER, type Clients, createClients, LOG_GROUP } from "./sdk/clients.ts";
import { ensureDiscovery } from "./sdk/discovery.ts";
import { ensureInstances } from "./sdk/instances.ts";
import { ensureLoadBalancer, forwardTo, orNone } from "./sdk/load-balancer.ts";
import { ensureNetwork, ensureSecurityGroups } from "./sdk/network.ts";
import { ensureRoles } from "./sdk/roles.ts";
import { ensureOneService, ensureTwoServices, GUNICORN_SERVICE, scaleService } from "./sdk/services.ts";
import { readStep, STEPS, type StepName } from "./sdk/steps.ts";

function tell(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** What no step changes. */
async function ensureBase(clients: Clients) {
  const { ec2, ecs, elb, iam, logs } = clients;
  const region = await ecs.config.region();
  const network = await ensureNetwork(ec2, region);
  const groups = await ensureSecurityGroups(ec2, network.vpcId);
  const balancer = await ensureLoadBalancer(elb, network, groups.loadBalancer);
  const roles = await ensureRoles(iam);
  await orNone("ResourceAlreadyExistsException", () =>
    logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP })),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  tell(`VPC ${network.vpcId}, load balancer ${balancer.dnsName}, cluster ${CLUSTER}`);
  return { region, network, groups, balancer, roles };
}

async function apply(clients: Clients, name: StepName): Promise<void> {
  const step = STEPS[name];
  const { region, network, groups, balancer, roles } = await ensureBase(clients);
  const [subnetId = ""] = network.subnetIds;
  const place = { subnetId, securityGroup: groups.instance, instanceProfile: roles.instanceProfile };
  const ids = await ensureInstances(clients, step, place);
  tell(`instances: ${ids.join(", ")} (${step.instanceType})`);
  const { targetGroupArns } = balancer;
  const target = step.network === "bridge" ? targetGroupArns.instance : targetGroupArns.ip;
  await forwardTo(clients.elb, balancer.listenerArn, target);
  const { Account } = await new STSClient().send(new GetCallerIdentityCommand());
  const parts = {
    registry: process.env["IMAGE_PREFIX"] ?? `${Account}.dkr.ecr.${region}.amazonaws.com`,
    region,
    executionRoleArn: roles.taskExecutionArn,
    subnetId,
    taskGroup: groups.task,
    gunicornGroup: groups.gunicorn,
    targetGroupArns,
  };
  if (name === "5") {
    const registryArn = await ensureDiscovery(clients.cloudMap, network.vpcId);
    await ensureTwoServices(clients.ecs, step, parts, registryArn);
  } else {
    await ensureOneService(clients.ecs, step, parts);
  }
  tell(`step ${name}: network mode ${step.network}, nginx with ${step.conf}.conf`);
}

function flag(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const count = flag("--gunicorn-count");
if (count !== undefined) await scaleService(createClients().ecs, GUNICORN_SERVICE, Number(count));
else await apply(createClients(), readStep(flag("--step")));
