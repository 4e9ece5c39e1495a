import type * as sdk from "@aws-sdk/client-servicediscovery";
import { discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import { type ActionRules, arnOr, type CallFacts, type Keys, regional, tagList } from "./action.ts";

const onAll = { on: (_input: unknown, call: CallFacts) => [regional("servicediscovery", call, "*/*")] };

function namespaceArn(call: CallFacts, id: string | undefined): string {
  return arnOr(id ?? "", (text) => regional("servicediscovery", call, `namespace/${text}`));
}

function serviceArn(call: CallFacts, id: string | undefined): string {
  return arnOr(id ?? "", (text) => regional("servicediscovery", call, `service/${text}`));
}

const onNamespace = {
  on: (input: { readonly Id?: string | undefined }, call: CallFacts) => [namespaceArn(call, input.Id)],
};

/** A service by its id; policies may ask for its ARN or its namespace's. */
const onService = {
  on: (input: { readonly ServiceId?: string | undefined }, call: CallFacts) => [
    serviceArn(call, input.ServiceId),
  ],
  keys: (input: { readonly ServiceId?: string | undefined }, call: CallFacts): Keys => ({
    "servicediscovery:ServiceArn": serviceArn(call, input.ServiceId),
  }),
};

const onServiceId = {
  on: (input: { readonly Id?: string | undefined }, call: CallFacts) => [serviceArn(call, input.Id)],
  keys: (input: { readonly Id?: string | undefined }, call: CallFacts): Keys => ({
    "servicediscovery:ServiceArn": serviceArn(call, input.Id),
  }),
};

interface Discovered {
  readonly NamespaceName?: string | undefined;
  readonly ServiceName?: string | undefined;
}

const onDiscovered = {
  on(input: Discovered, call: CallFacts): string[] {
    const { account, region } = call.scope;
    const namespace = call.store
      .where(namespaces, "scope", `${account}/${region}`)
      .find(({ name }) => name === input.NamespaceName);
    const service =
      namespace === undefined
        ? undefined
        : call.store
            .where(discoveryServices, "namespace", namespace.id)
            .find(({ name }) => name === input.ServiceName);
    return [
      namespace?.arn ?? regional("servicediscovery", call, "namespace/*"),
      service?.arn ?? regional("servicediscovery", call, "service/*"),
    ];
  },
  keys: (input: Discovered): Keys => ({
    "servicediscovery:NamespaceName": input.NamespaceName,
    "servicediscovery:ServiceName": input.ServiceName,
  }),
};

const onResource = (input: { readonly ResourceARN?: string | undefined }) => [input.ResourceARN ?? "*"];

export const serviceDiscoveryActions = {
  CreateHttpNamespace: { ...onAll, tags: (input) => tagList(input.Tags) },
  CreatePrivateDnsNamespace: { ...onAll, tags: (input) => tagList(input.Tags) },
  CreatePublicDnsNamespace: { ...onAll, tags: (input) => tagList(input.Tags) },
  DeleteNamespace: onNamespace,
  GetNamespace: onNamespace,
  UpdateHttpNamespace: onNamespace,
  UpdatePrivateDnsNamespace: onNamespace,
  UpdatePublicDnsNamespace: onNamespace,
  ListNamespaces: onAll,
  ListOperations: onAll,
  GetOperation: onAll,
  CreateService: {
    on: (input, call) => [
      regional("servicediscovery", call, "service/*"),
      ...(input.NamespaceId === undefined ? [] : [namespaceArn(call, input.NamespaceId)]),
    ],
    tags: (input) => tagList(input.Tags),
  },
  ListServices: onAll,
  GetService: onServiceId,
  UpdateService: onServiceId,
  DeleteService: onServiceId,
  GetServiceAttributes: onService,
  UpdateServiceAttributes: onService,
  DeleteServiceAttributes: onService,
  RegisterInstance: onService,
  DeregisterInstance: onService,
  GetInstance: onService,
  GetInstancesHealthStatus: onService,
  ListInstances: onService,
  UpdateInstanceCustomHealthStatus: onService,
  DiscoverInstances: onDiscovered,
  DiscoverInstancesRevision: onDiscovered,
  ListTagsForResource: { on: onResource },
  TagResource: { on: onResource, tags: (input) => tagList(input.Tags) },
  UntagResource: { on: onResource, tagKeys: (input) => input.TagKeys ?? [] },
} satisfies ActionRules<typeof sdk>;
