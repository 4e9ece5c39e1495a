/**
 * The Instance Metadata Service: 169.254.169.254 in every VPC that has instances. Who asks is told by the address that
 * the connection comes from: an instance's, or that of a task with an interface of its own on an instance.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NamespaceSockets } from "../fabric/fabric.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { findInstanceType } from "../model/ec2/instance-types.ts";
import type { Instance } from "../model/ec2/records.ts";
import { mayServiceAssume } from "../store/iam-access.ts";
import { profileOfInstance, roleOfInstance } from "../store/instance-role.ts";
import type { Store, StoreReader } from "../store/store.ts";
import { instances, networkInterfaces } from "../store/tables/ec2.ts";
import { containerInstances } from "../store/tables/ecs.ts";
import { expiryOf, MOST_SECONDS, newToken } from "./metadata-tokens.ts";
import {
  findInTree,
  interfacesOf,
  type MetadataDirectory,
  metadataTree,
  publicKeyOf,
  renderTree,
} from "./metadata-tree.ts";
import { createNamespaceServers } from "./namespace-servers.ts";
import { type Reply, send } from "./reply.ts";
import { createSessionCredentials, type SessionCredentialsSource } from "./session-credentials.ts";

const ADDRESS = "169.254.169.254";
const PORT = 80;
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";
/** Of the container agent, with ECS_AWSVPC_BLOCK_IMDS. */
const BLOCKS_TASKS = "ecs.capability.task-eni-block-instance-metadata";

const VERSIONS = [
  "1.0",
  "2007-01-19",
  "2007-03-01",
  "2007-08-29",
  "2007-10-10",
  "2007-12-15",
  "2008-02-01",
  "2008-09-01",
  "2009-04-04",
  "2011-01-01",
  "2011-05-01",
  "2012-01-12",
  "2014-02-25",
  "2014-11-05",
  "2015-10-20",
  "2016-04-19",
  "2016-06-30",
  "2016-09-02",
  "2018-03-28",
  "2018-08-17",
  "2018-09-24",
  "2019-10-01",
  "2020-10-27",
  "2021-01-03",
  "2021-03-23",
  "2021-07-15",
  "2022-09-24",
  "2024-04-11",
  "latest",
];

export interface InstanceMetadataDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sockets: NamespaceSockets;
  readonly sealingKey: string;
}

/** What an answer is made from. */
export interface MetadataSource {
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly sealingKey: string;
  readonly credentials: SessionCredentialsSource;
}

export interface InstanceMetadata {
  start(): void;
  stop(): Promise<void>;
}

export function createInstanceMetadata(dependencies: InstanceMetadataDependencies): InstanceMetadata {
  const { store } = dependencies;
  const servers = createNamespaceServers(dependencies);
  const source: MetadataSource = { ...dependencies, credentials: createSessionCredentials(dependencies) };
  const apply = () => {
    const vpcIds = new Set(
      store.list(instances).flatMap(({ state, vpcId }) => (state === "terminated" ? [] : [vpcId])),
    );
    servers.apply(
      [...vpcIds].map((vpcId) => ({
        key: vpcId,
        where: { kind: "vpc", vpcId },
        address: ADDRESS,
        port: PORT,
        handle: (request, response) => handleMetadata(source, vpcId, request, response),
      })),
    );
  };
  return {
    start() {
      store.onChange(instances, ({ before, after }) => {
        if (before?.state !== after?.state) queueMicrotask(apply);
      });
      apply();
    },
    async stop() {
      servers.stop();
    },
  };
}

/** Where nobody of ours is at that address, the connection is closed without a word. */
export function handleMetadata(
  source: MetadataSource,
  vpcId: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const instance = findCaller(source.store, vpcId, request.socket.remoteAddress ?? "");
  if (instance === undefined) request.socket.destroy();
  else send(response, replyTo(source, instance, request), request.method === "HEAD");
}

function replyTo(source: MetadataSource, instance: Instance, request: IncomingMessage): Reply {
  if (instance.metadataOptions.httpEndpoint === "disabled") return refusal(403, "Forbidden");
  const path = pathOf(request.url ?? "/");
  if (path === undefined) return refusal(400, "Bad Request");
  if (path.join("/") === "latest/api/token") return tokenReply(source, instance, request);
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "Method Not Allowed");
  if (!isAuthorized(source, instance, request)) return refusal(401, "Unauthorized");
  const found = findText(source, instance, path);
  return found === undefined ? refusal(404, "Not Found") : textReply(found);
}

function findCaller(store: StoreReader, vpcId: string, remoteAddress: string): Instance | undefined {
  const address = remoteAddress.replace(/^::ffff:/, "");
  const networkInterface = store
    .where(networkInterfaces, "vpc", vpcId)
    .find(({ privateIpAddress }) => privateIpAddress === address);
  const instanceId = networkInterface?.instanceAttachment?.instanceId;
  if (networkInterface === undefined || instanceId === undefined) return undefined;
  if (networkInterface.owner.kind === "ecs-task" && blocksTasks(store, instanceId)) return undefined;
  return store.get(instances, instanceId);
}

function blocksTasks(store: StoreReader, instanceId: string): boolean {
  return store
    .where(containerInstances, "instance", instanceId)
    .some(
      ({ attributes, status }) =>
        status !== "INACTIVE" && attributes.some(({ name }) => name === BLOCKS_TASKS),
    );
}

function pathOf(url: string): string[] | undefined {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/, ""))
      .split("/")
      .filter((name) => name !== "");
  } catch {
    return undefined;
  }
}

function tokenReply(
  { clock, sealingKey }: MetadataSource,
  { instanceId }: Instance,
  request: IncomingMessage,
): Reply {
  if (request.method !== "PUT") return refusal(405, "Method Not Allowed", { Allow: "OPTIONS, PUT" });
  // What came through a proxy may have come from anywhere (EC2 user guide, "Use IMDSv2").
  if (request.headers["x-forwarded-for"] !== undefined) return refusal(403, "Forbidden");
  const seconds = Number(request.headers[TTL_HEADER] ?? Number.NaN);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SECONDS) return refusal(400, "Bad Request");
  const token = newToken(sealingKey, instanceId, clock.now() + seconds * 1000);
  return textReply(token, { [TTL_HEADER]: String(seconds) });
}

/** A token that is given has to be good, also where none is asked for. */
function isAuthorized(
  { clock, sealingKey }: MetadataSource,
  { instanceId, metadataOptions }: Instance,
  request: IncomingMessage,
): boolean {
  const token = request.headers[TOKEN_HEADER];
  if (token === undefined) return metadataOptions.httpTokens === "optional";
  return (expiryOf(sealingKey, instanceId, String(token)) ?? 0) > clock.now();
}

function findText(
  source: MetadataSource,
  instance: Instance,
  [version, category, ...rest]: readonly string[],
): string | Buffer | undefined {
  const { store } = source;
  if (version === undefined) return VERSIONS.join("\n");
  if (!VERSIONS.includes(version)) return undefined;
  switch (category) {
    case undefined:
      return ["dynamic", "meta-data", ...(instance.userData ? ["user-data"] : [])].join("\n");
    case "user-data":
      return rest.length === 0 && instance.userData ? Buffer.from(instance.userData, "base64") : undefined;
    case "dynamic": {
      const identity = { document: prettyJson(identityDocument(store, instance)) };
      const found = findInTree({ "instance-identity": identity }, rest);
      return found === undefined ? undefined : renderTree(found);
    }
    case "meta-data":
      return findMetadata(source, instance, rest);
    default:
      return undefined;
  }
}

function findMetadata(
  source: MetadataSource,
  instance: Instance,
  path: readonly string[],
): string | undefined {
  const { store } = source;
  const key = publicKeyOf(store, instance);
  const tree = metadataTree(store, instance, iamTree(source, instance, path));
  const keys = key === undefined ? undefined : { "0": { "openssh-key": key.openSshKey } };
  if (key !== undefined && path[0] === "public-keys" && path.length === 1) return `0=${key.name}`;
  const found = findInTree({ ...tree, "public-keys": keys }, path);
  if (found === undefined) return undefined;
  // In the order of names, wherever they came from.
  return path.length === 0
    ? renderTree(found)
        .split("\n")
        .sort((one, other) => (one < other ? -1 : 1))
        .join("\n")
    : renderTree(found);
}

/** Credentials are made when they are asked for, not when they are listed. */
function iamTree(
  source: MetadataSource,
  instance: Instance,
  path: readonly string[],
): MetadataDirectory | undefined {
  const { store, clock } = source;
  const profile = profileOfInstance(store, instance);
  if (profile === undefined) return undefined;
  const role = roleOfInstance(store, instance);
  const lastUpdated = isoSeconds(clock.now());
  const asked = role !== undefined && path[1] === "security-credentials" && path[2] === role.roleName;
  return {
    info: prettyJson({
      Code: "Success",
      LastUpdated: lastUpdated,
      InstanceProfileArn: profile.arn,
      InstanceProfileId: profile.instanceProfileId,
    }),
    "security-credentials":
      role === undefined ? {} : { [role.roleName]: asked ? credentialsDocument(source, instance) : "" },
  };
}

/** The codes are those of the IAM user guide, "Troubleshoot IAM and Amazon EC2". */
function credentialsDocument(source: MetadataSource, instance: Instance): string {
  const { store, clock } = source;
  const role = roleOfInstance(store, instance);
  if (role === undefined) return "";
  if (!mayServiceAssume(role, "ec2.amazonaws.com")) {
    return prettyJson({
      Code: "AssumeRoleUnauthorizedAccess",
      Message: `EC2 cannot assume the role ${role.roleName}.  Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.`,
      LastUpdated: isoSeconds(clock.now()),
    });
  }
  const credentials = source.credentials.credentialsFor(role, instance.instanceId);
  return prettyJson({
    Code: "Success",
    LastUpdated: isoSeconds(credentials.issuedAt),
    Type: "AWS-HMAC",
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: isoSeconds(credentials.expiration),
  });
}

/** EC2 user guide, "Instance identity documents"; there is no signature beside it. */
function identityDocument(store: StoreReader, instance: Instance): Readonly<Record<string, string | null>> {
  return {
    accountId: instance.account,
    architecture: findInstanceType(instance.instanceType)?.architecture ?? "x86_64",
    availabilityZone: instance.availabilityZone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: isoSeconds(instance.launchTime),
    privateIp: interfacesOf(store, instance.instanceId)[0]?.privateIpAddress ?? null,
    ramdiskId: null,
    region: instance.region,
    version: "2017-09-30",
  };
}

function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, "");
}

function prettyJson(value: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(value).map(
    ([name, one]) => `  ${JSON.stringify(name)} : ${JSON.stringify(one)}`,
  );
  return `{\n${lines.join(",\n")}\n}`;
}

function textReply(text: string | Buffer, headers: Reply["headers"] = {}): Reply {
  return {
    status: 200,
    headers: { Server: "EC2ws", "Content-Type": "text/plain", "Accept-Ranges": "none", ...headers },
    body: typeof text === "string" ? Buffer.from(text) : text,
  };
}

function refusal(status: number, reason: string, headers: Reply["headers"] = {}): Reply {
  const title = `${status} - ${reason}`;
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`;
  return {
    status,
    headers: { Server: "EC2ws", "Content-Type": "text/html", ...headers },
    body: Buffer.from(body),
  };
}
