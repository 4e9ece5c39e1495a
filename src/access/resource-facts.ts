/** What records say of a resource that policies can ask for: its tags, and its own policy. */
import { parseArn } from "../model/arn.ts";
import { parsePolicy } from "../model/iam/policy/document.ts";
import type { NamedPolicy } from "../model/iam/policy/evaluate.ts";
import type { Tag } from "../model/tags.ts";
import { bucketPolicyOf } from "../store/objects.ts";
import type { StoreReader } from "../store/store.ts";
import type { TableDefinition } from "../store/table.ts";
import { certificates } from "../store/tables/acm.ts";
import { autoScalingGroups } from "../store/tables/autoscaling.ts";
import { discoveryServices, namespaces } from "../store/tables/cloudmap.ts";
import {
  addresses,
  dhcpOptions,
  instances,
  internetGateways,
  keyPairs,
  launchTemplates,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../store/tables/ec2.ts";
import { repositories } from "../store/tables/ecr.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../store/tables/ecs.ts";
import { listenerRules, listeners, loadBalancers, targetGroups } from "../store/tables/elb.ts";
import { eventBuses, eventRules } from "../store/tables/events.ts";
import { policies, roles, users } from "../store/tables/iam.ts";
import { logGroups } from "../store/tables/logs.ts";
import { hostedZones } from "../store/tables/route53.ts";
import { buckets, storedObjects } from "../store/tables/s3.ts";
import { secrets } from "../store/tables/secretsmanager.ts";
import { parameters } from "../store/tables/ssm.ts";

type Find = (store: StoreReader, arn: string, name: string, account: string) => readonly Tag[];

interface Tagged {
  readonly tags: readonly Tag[];
}

function byArn<R extends Tagged, I extends string>(table: TableDefinition<R, I>): Find {
  return (store, arn) => store.get(table, arn)?.tags ?? [];
}

function byId<R extends Tagged, I extends string>(table: TableDefinition<R, I>): Find {
  return (store, _arn, name) => store.get(table, name)?.tags ?? [];
}

function byAccountAndName<R extends Tagged, I extends string>(table: TableDefinition<R, I>): Find {
  return (store, _arn, name, account) =>
    store.get(table, `${account}/${name.split("/").at(-1) ?? ""}`)?.tags ?? [];
}

/** By service and resource type: what comes before the first `/` or `:` of the ARN's last part. */
const FINDERS: Readonly<Record<string, Find>> = {
  "acm:certificate": byArn(certificates),
  "autoscaling:autoScalingGroup": (store, arn) =>
    (store.list(autoScalingGroups).find((group) => group.arn === arn)?.tags ?? []).flatMap(
      ({ Key, Value }) => (Key === undefined ? [] : [{ key: Key, value: Value ?? "" }]),
    ),
  "ec2:dhcp-options": byId(dhcpOptions),
  "ec2:elastic-ip": byId(addresses),
  "ec2:instance": byId(instances),
  "ec2:internet-gateway": byId(internetGateways),
  "ec2:key-pair": (store, _arn, name) =>
    store.list(keyPairs).find(({ keyName }) => keyName === name)?.tags ?? [],
  "ec2:launch-template": byId(launchTemplates),
  "ec2:natgateway": byId(natGateways),
  "ec2:network-acl": byId(networkAcls),
  "ec2:network-interface": byId(networkInterfaces),
  "ec2:route-table": byId(routeTables),
  "ec2:security-group": byId(securityGroups),
  "ec2:subnet": byId(subnets),
  "ec2:vpc": byId(vpcs),
  "ecr:repository": byArn(repositories),
  "ecs:capacity-provider": byArn(capacityProviders),
  "ecs:cluster": byArn(clusters),
  "ecs:container-instance": byArn(containerInstances),
  "ecs:service": byArn(services),
  "ecs:task": byArn(tasks),
  "ecs:task-definition": byArn(taskDefinitions),
  "elasticloadbalancing:listener": byArn(listeners),
  "elasticloadbalancing:listener-rule": byArn(listenerRules),
  "elasticloadbalancing:loadbalancer": byArn(loadBalancers),
  "elasticloadbalancing:targetgroup": byArn(targetGroups),
  "events:event-bus": byArn(eventBuses),
  "events:rule": byArn(eventRules),
  "iam:policy": byArn(policies),
  "iam:role": byAccountAndName(roles),
  "iam:user": byAccountAndName(users),
  "logs:log-group": (store, arn) => {
    const group = store.get(logGroups, arn.replace(/:log-stream:.*$/, ""));
    return Object.entries(group?.tags ?? {}).map(([key, value]) => ({ key, value }));
  },
  "route53:hostedzone": byId(hostedZones),
  "secretsmanager:secret": byArn(secrets),
  "servicediscovery:namespace": byId(namespaces),
  "servicediscovery:service": byId(discoveryServices),
  "ssm:parameter": byArn(parameters),
};

/** None where the resource does not exist, or has none. */
export function tagsOfResource(store: StoreReader, arn: string): readonly Tag[] {
  const parts = parseArn(arn);
  if (parts === undefined) return [];
  if (parts.service === "s3") {
    return (store.get(storedObjects, parts.resource) ?? store.get(buckets, parts.resource))?.tags ?? [];
  }
  const [, type = "", name = ""] = /^([^/:]+)[/:](.*)$/.exec(parts.resource) ?? [];
  return FINDERS[`${parts.service}:${type}`]?.(store, arn, name, parts.account) ?? [];
}

/** The policy that is attached to the resource itself; trust policies are STS's own matter. */
export function policyOfResource(store: StoreReader, arn: string): NamedPolicy | undefined {
  const ofBucket = bucketPolicyOf(store, arn);
  if (ofBucket !== undefined) return ofBucket.resource;
  const secret = store.get(secrets, arn);
  if (secret?.policy !== undefined) {
    const document = parsePolicy(secret.policy);
    return document === undefined ? undefined : { name: `resource policy of ${secret.name}`, document };
  }
  const text = store.get(repositories, arn)?.policyText;
  const document = text === undefined ? undefined : parsePolicy(text);
  if (document === undefined) return undefined;
  // A repository's policy names no resource: it is about its repository.
  return { name: `repository policy of ${arn}`, document };
}

/** Where the ARN does not tell: the account that a bucket belongs to. */
export function accountOfResource(store: StoreReader, arn: string): string | undefined {
  return bucketPolicyOf(store, arn)?.resourceAccount;
}
