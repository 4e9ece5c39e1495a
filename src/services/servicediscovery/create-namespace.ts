/** Namespaces of the three kinds; those with DNS get a hosted zone that only Cloud Map changes. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import { LOWER_ALPHANUMERIC, UPPER_ALPHANUMERIC } from "../../lib/random.ts";
import { arn } from "../../model/arn.ts";
import type { Namespace } from "../../model/cloudmap/records.ts";
import { normaliseName } from "../../model/route53/domain-names.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import { newNameServers, newZoneRecordSets } from "../../model/route53/zone-defaults.ts";
import { namespaces } from "../../store/tables/cloudmap.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { newOperationId, type OperationFailure, recordOperation } from "./asynchronous.ts";
import { checkLength, checkPattern, checkRange } from "./constraints.ts";
import { namespaceAlreadyExists } from "./errors.ts";
import { scopeKey } from "./resolve.ts";
import { readTags } from "./tags.ts";

/** How long a negative answer from a namespace may be kept, unless set. */
const DEFAULT_SOA_TTL_SECONDS = 15;
export const LONGEST_TTL_SECONDS = 2_147_483_647;

const HTTP_NAME = /^(?!arn:)[!-~]{1,1024}$/;
const PRIVATE_NAME = /^(?!arn:)[!-~]{1,253}$/;
const PUBLIC_NAME =
  /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

interface NamespaceInput {
  readonly Name: string | undefined;
  readonly CreatorRequestId?: string | undefined;
  readonly Description?: string | undefined;
  readonly Tags?: readonly wire.Tag[] | undefined;
}

export function createHttpNamespace(
  input: wire.CreateHttpNamespaceRequest,
  context: HandlerContext,
): wire.CreateHttpNamespaceResponse {
  checkLength(input.Name ?? "", "name", 1, 1024);
  checkPattern(input.Name ?? "", "name", HTTP_NAME);
  const namespace = newNamespace(input, "HTTP", undefined, context);
  const existing = context.store
    .where(namespaces, "scope", scopeKey(context))
    .find((other) => other.type === "HTTP" && other.name === namespace.name);
  if (existing !== undefined) throw namespaceAlreadyExists(existing);
  const operationId = context.store.transaction((tx) => {
    tx.put(namespaces, namespace);
    return recordOperation(tx, context, "CREATE_NAMESPACE", { NAMESPACE: namespace.id });
  });
  return { OperationId: operationId };
}

export function createPrivateDnsNamespace(
  input: wire.CreatePrivateDnsNamespaceRequest,
  context: HandlerContext,
): wire.CreatePrivateDnsNamespaceResponse {
  checkLength(input.Name ?? "", "name", 1, 253);
  checkPattern(input.Name ?? "", "name", PRIVATE_NAME);
  checkLength(input.Vpc ?? "", "vpc", 1, 64);
  const soaTtlSeconds = readSoaTtl(input.Properties?.DnsProperties?.SOA);
  const namespace = newNamespace(input, "DNS_PRIVATE", soaTtlSeconds, context);
  return createDnsNamespace(namespace, input.Vpc, context);
}

export function createPublicDnsNamespace(
  input: wire.CreatePublicDnsNamespaceRequest,
  context: HandlerContext,
): wire.CreatePublicDnsNamespaceResponse {
  checkLength(input.Name ?? "", "name", 1, 253);
  checkPattern(input.Name ?? "", "name", PUBLIC_NAME);
  const soaTtlSeconds = readSoaTtl(input.Properties?.DnsProperties?.SOA);
  const namespace = newNamespace(input, "DNS_PUBLIC", soaTtlSeconds, context);
  const existing = context.store
    .where(namespaces, "scope", scopeKey(context))
    .find(
      (other) => other.type === "DNS_PUBLIC" && other.name.toLowerCase() === namespace.name.toLowerCase(),
    );
  if (existing !== undefined) throw namespaceAlreadyExists(existing);
  return createDnsNamespace(namespace, undefined, context);
}

export function readSoaTtl(soa: { readonly TTL?: number | undefined } | undefined): number | undefined {
  if (soa?.TTL === undefined) return undefined;
  checkRange(soa.TTL, "properties.dnsProperties.sOA.tTL", 0, LONGEST_TTL_SECONDS);
  return soa.TTL;
}

function newNamespace(
  input: NamespaceInput,
  type: Namespace["type"],
  soaTtlSeconds: number | undefined,
  context: HandlerContext,
): Namespace {
  checkLength(input.CreatorRequestId, "creatorRequestId", 0, 64);
  checkLength(input.Description, "description", 0, 1024);
  const id = `ns-${context.random.text(16, LOWER_ALPHANUMERIC)}`;
  const ownArn = arn("servicediscovery", context.scope, `namespace/${id}`);
  return {
    ...context.scope,
    id,
    arn: ownArn,
    name: input.Name ?? "",
    type,
    description: input.Description,
    creatorRequestId: input.CreatorRequestId,
    hostedZoneId:
      type === "HTTP"
        ? undefined
        : `Z0${context.random.digits(7)}${context.random.text(12, UPPER_ALPHANUMERIC)}`,
    soaTtlSeconds,
    createDate: context.clock.now(),
    tags: readTags(input.Tags, ownArn),
  };
}

/** What Route 53 refuses shows in the operation, as with AWS: the call itself succeeds. */
function createDnsNamespace(
  namespace: Namespace,
  vpcId: string | undefined,
  context: HandlerContext,
): { OperationId: string } {
  const operationId = newOperationId(context);
  const failure = vpcId === undefined ? undefined : zoneFailure(namespace.name, vpcId, context);
  const zone = newNamespaceZone(namespace, vpcId, operationId, context);
  context.store.transaction((tx) => {
    const options = { id: operationId, failure };
    recordOperation(tx, context, "CREATE_NAMESPACE", { NAMESPACE: namespace.id }, options);
    if (failure !== undefined) return;
    tx.put(namespaces, namespace);
    tx.put(hostedZones, zone);
    const soaTtlSeconds = namespace.soaTtlSeconds ?? DEFAULT_SOA_TTL_SECONDS;
    for (const set of newZoneRecordSets(zone, soaTtlSeconds)) tx.put(recordSets, set);
  });
  return { OperationId: operationId };
}

function newNamespaceZone(
  namespace: Namespace,
  vpcId: string | undefined,
  operationId: string,
  context: HandlerContext,
): HostedZone {
  const privateZone = vpcId !== undefined;
  return {
    id: namespace.hostedZoneId ?? "",
    account: namespace.account,
    name: normaliseName(namespace.name),
    callerReference: operationId,
    comment: `Created by AWS Cloud Map namespace with ARN ${namespace.arn}`,
    privateZone,
    vpcs: privateZone ? [{ vpcId, region: context.scope.region }] : [],
    nameServers: newNameServers(privateZone, context.random),
    linkedService: { servicePrincipal: "servicediscovery.amazonaws.com", description: namespace.arn },
    tags: [],
  };
}

function zoneFailure(name: string, vpcId: string, context: HandlerContext): OperationFailure | undefined {
  const { account, region } = context.scope;
  const refused = (message: string, code: string): OperationFailure => ({
    code: "CANNOT_CREATE_HOSTED_ZONE",
    message: `${message} (Service: AmazonRoute53; Status Code: 400; Error Code: ${code}; Request ID: ${context.requestId})`,
  });
  const vpc = context.store.get(vpcs, vpcId);
  if (vpc === undefined || vpc.account !== account || vpc.region !== region) {
    return refused(
      `The VPC ${vpcId} in region ${region} that you provided is not authorized to make the association.`,
      "InvalidVPCId",
    );
  }
  const conflict = context.store
    .where(hostedZones, "vpc", vpcId)
    .find((zone) => zone.name === normaliseName(name));
  return conflict === undefined
    ? undefined
    : refused(
        `The VPC ${vpcId} in region ${region} has already been associated with the hosted zone ${conflict.id} with the same domain name.`,
        "ConflictingDomainExists",
      );
}
