/**
 * The resources that a call is about: what its IAM rule names, and the ARNs and ids in its input and, where it writes,
 * in its output. Each is listed by its ARN and by its name, as either is looked for.
 */
import type { ActionRule } from "../access/actions/action.ts";
import { findRule } from "../access/actions/rules.ts";
import type { RecordedCall } from "../gateway/call-recorder.ts";
import type { Json } from "../gateway/recorded-parameters.ts";
import { parseArn } from "../model/arn.ts";
import type { StoreReader } from "../store/store.ts";
import type { TrailResource } from "../store/trail-store.ts";

/** Of one event. */
const MOST_RESOURCES = 50;

/** By `<service>:<what the resource starts with>`. */
const ARN_TYPES: Readonly<Record<string, string>> = {
  "acm:certificate": "AWS::ACM::Certificate",
  "autoscaling:autoScalingGroup": "AWS::AutoScaling::AutoScalingGroup",
  "autoscaling:launchConfiguration": "AWS::AutoScaling::LaunchConfiguration",
  "ec2:key-pair": "AWS::EC2::KeyPair",
  "ecr:repository": "AWS::ECR::Repository",
  "ecs:capacity-provider": "AWS::ECS::CapacityProvider",
  "ecs:cluster": "AWS::ECS::Cluster",
  "ecs:container-instance": "AWS::ECS::ContainerInstance",
  "ecs:service": "AWS::ECS::Service",
  "ecs:task": "AWS::ECS::Task",
  "ecs:task-definition": "AWS::ECS::TaskDefinition",
  "elasticloadbalancing:listener": "AWS::ElasticLoadBalancingV2::Listener",
  "elasticloadbalancing:listener-rule": "AWS::ElasticLoadBalancingV2::ListenerRule",
  "elasticloadbalancing:loadbalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
  "elasticloadbalancing:targetgroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
  "events:event-bus": "AWS::Events::EventBus",
  "events:rule": "AWS::Events::Rule",
  "iam:group": "AWS::IAM::Group",
  "iam:instance-profile": "AWS::IAM::InstanceProfile",
  "iam:policy": "AWS::IAM::Policy",
  "iam:role": "AWS::IAM::Role",
  "iam:user": "AWS::IAM::User",
  "logs:log-group": "AWS::Logs::LogGroup",
  "route53:hostedzone": "AWS::Route53::HostedZone",
  "secretsmanager:secret": "AWS::SecretsManager::Secret",
  "servicediscovery:namespace": "AWS::ServiceDiscovery::Namespace",
  "servicediscovery:service": "AWS::ServiceDiscovery::Service",
  "ssm:parameter": "AWS::SSM::Parameter",
  "sts:assumed-role": "AWS::STS::AssumedRole",
};

/** EC2's ids, by how they start. */
const ID_TYPES: Readonly<Record<string, string>> = {
  acl: "AWS::EC2::NetworkAcl",
  ami: "AWS::EC2::Ami",
  dopt: "AWS::EC2::DHCPOptions",
  eipalloc: "AWS::EC2::EIP",
  eni: "AWS::EC2::NetworkInterface",
  i: "AWS::EC2::Instance",
  igw: "AWS::EC2::InternetGateway",
  lt: "AWS::EC2::LaunchTemplate",
  nat: "AWS::EC2::NatGateway",
  rtb: "AWS::EC2::RouteTable",
  sg: "AWS::EC2::SecurityGroup",
  subnet: "AWS::EC2::Subnet",
  vol: "AWS::EC2::Volume",
  vpc: "AWS::EC2::VPC",
};

const ID = /^([a-z]+)-[0-9a-f]{8,17}$/;
const ACCESS_KEY = /^A[KS]IA[A-Z0-9]{12,}$/;

/** @param shown what the event shows of the call, without its secrets */
export function resourcesOf(
  store: StoreReader,
  call: RecordedCall,
  shown: readonly ({ readonly [name: string]: Json } | null)[],
): TrailResource[] {
  const found = new Map<string, TrailResource>();
  const visit = (text: string) => {
    for (const resource of namedBy(text)) {
      if (found.size < MOST_RESOURCES) found.set(`${resource.type} ${resource.name}`, resource);
    }
  };
  for (const arn of ruleArns(store, call)) visit(arn);
  for (const parameters of shown) walk(parameters, visit);
  return [...found.values()];
}

/** ARNs that the operation's IAM rule asks about; none where it cannot name them. */
export function ruleArns(
  store: StoreReader,
  { service, operation, scope, input }: RecordedCall,
): readonly string[] {
  const rule = findRule(service, operation) as ActionRule<NonNullable<typeof input>> | undefined;
  if (rule?.on === undefined || input === undefined) return [];
  return rule.on(input, { scope, store }).filter((arn) => arn.startsWith("arn:") && !arn.includes("*"));
}

function namedBy(text: string): readonly TrailResource[] {
  const idType = ID_TYPES[ID.exec(text)?.[1] ?? ""];
  if (idType !== undefined) return [{ type: idType, name: text }];
  if (ACCESS_KEY.test(text)) return [{ type: "AWS::IAM::AccessKey", name: text }];
  if (!text.startsWith("arn:") || text.includes("*")) return [];
  const parts = parseArn(text);
  if (parts === undefined) return [];
  const [start = ""] = parts.resource.split(/[/:]/);
  const rest = parts.resource.slice(start.length + 1);
  const type = ARN_TYPES[`${parts.service}:${start}`];
  if (type !== undefined) {
    const name = shortName(parts.service, start, rest);
    return [{ type, name: text }, ...(name === undefined ? [] : [{ type, name }])];
  }
  const ownId = ID_TYPES[ID.exec(rest)?.[1] ?? ""];
  return parts.service === "ec2" && ownId !== undefined ? [{ type: ownId, name: rest }] : [];
}

/** What people call it; undefined where nothing is shorter than the ARN. */
function shortName(service: string, kind: string, rest: string): string | undefined {
  if (rest === "") return undefined;
  if (service === "ssm") return rest.includes("/") ? `/${rest}` : rest;
  // arn:…:loadbalancer/app/<name>/<id>, arn:…:targetgroup/<name>/<id>
  if (service === "elasticloadbalancing") {
    if (kind.startsWith("listener")) return undefined;
    return rest.split("/").at(-2);
  }
  if (service === "autoscaling") return /:\w+Name\/(.+)$/.exec(rest)?.[1];
  if (service === "ecr") return rest;
  if (service === "logs") return rest.replace(/:.*$/, "");
  // The six characters at the end are not part of a secret's name.
  if (service === "secretsmanager") return rest.replace(/-[A-Za-z0-9]{6}$/, "");
  return rest.split("/").at(-1);
}

function walk(value: Json, visit: (text: string) => void): void {
  if (typeof value === "string") visit(value);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) walk(item, visit);
  }
}
