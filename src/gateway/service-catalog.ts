/** The AWS services that Berth speaks: how a request names each, and where its SDK package and operations are. */
import type { AnyOperationTable, ServiceFaults } from "../services/operation.ts";
import { awsJsonProtocol } from "./protocols/aws-json.ts";
import { awsQueryProtocol } from "./protocols/aws-query.ts";
import { ec2QueryProtocol } from "./protocols/ec2-query.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { restXmlProtocol } from "./protocols/rest-xml.ts";
import { s3Protocol } from "./protocols/s3.ts";
import { readServiceModel, type SdkPackage, type ServiceModel } from "./service-model.ts";

export interface LoadedService {
  readonly model: ServiceModel;
  readonly protocol: Protocol;
  readonly operations: AnyOperationTable;
  readonly faults: ServiceFaults;
}

export interface CatalogEntry {
  /** As AWS names it in IAM actions and documentation. */
  readonly id: string;
  /** Of the credential scope. */
  readonly signingName: string;
  /** JSON protocols: what comes before the dot in `X-Amz-Target`. */
  readonly targetPrefix?: string;
  /** Query protocols: the `Version` parameter. */
  readonly queryVersion?: string;
  /** REST protocols: how paths start. */
  readonly pathPrefix?: string;
  /** Its paths are the client's own: what no other service takes is S3's. */
  readonly speaksPaths?: boolean;
  load(): Promise<LoadedService>;
}

interface ServiceModule {
  readonly operations: AnyOperationTable;
  readonly faults: ServiceFaults;
}

/** SDK packages are large: each is loaded when its first request comes. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

function service(
  entry: Omit<CatalogEntry, "load">,
  protocol: Protocol,
  sdk: () => Promise<SdkPackage>,
  module: () => Promise<ServiceModule>,
): CatalogEntry {
  return {
    ...entry,
    load: once(async () => {
      const [sdkPackage, { operations, faults }] = await Promise.all([sdk(), module()]);
      const model = readServiceModel(entry.id, sdkPackage);
      for (const name of Object.keys(operations)) {
        if (!model.operations.has(name)) throw new Error(`${entry.id} has no operation ${name} in its SDK`);
      }
      return { model, protocol, operations, faults };
    }),
  };
}

/** A client is made only for its configuration; it never sends anything. */
const CLIENT_OPTIONS = { region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };

export const serviceCatalog: readonly CatalogEntry[] = [
  service(
    { id: "ecs", signingName: "ecs", targetPrefix: "AmazonEC2ContainerServiceV20141113" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-ecs");
      return { exports, configuration: new exports.ECSClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/ecs/operations.ts"),
  ),
  service(
    { id: "ec2", signingName: "ec2", queryVersion: "2016-11-15" },
    ec2QueryProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-ec2");
      return { exports, configuration: new exports.EC2Client(CLIENT_OPTIONS).config };
    },
    () => import("../services/ec2/operations.ts"),
  ),
  service(
    { id: "elasticloadbalancing", signingName: "elasticloadbalancing", queryVersion: "2015-12-01" },
    awsQueryProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-elastic-load-balancing-v2");
      return { exports, configuration: new exports.ElasticLoadBalancingV2Client(CLIENT_OPTIONS).config };
    },
    () => import("../services/elbv2/operations.ts"),
  ),
  service(
    { id: "servicediscovery", signingName: "servicediscovery", targetPrefix: "Route53AutoNaming_v20170314" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-servicediscovery");
      return { exports, configuration: new exports.ServiceDiscoveryClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/servicediscovery/operations.ts"),
  ),
  service(
    { id: "route53", signingName: "route53", pathPrefix: "/2013-04-01/" },
    restXmlProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-route-53");
      return { exports, configuration: new exports.Route53Client(CLIENT_OPTIONS).config };
    },
    () => import("../services/route53/operations.ts"),
  ),
  service(
    { id: "iam", signingName: "iam", queryVersion: "2010-05-08" },
    awsQueryProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-iam");
      return { exports, configuration: new exports.IAMClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/iam/operations.ts"),
  ),
  service(
    { id: "sts", signingName: "sts", queryVersion: "2011-06-15" },
    awsQueryProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-sts");
      return { exports, configuration: new exports.STSClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/sts/operations.ts"),
  ),
  service(
    { id: "logs", signingName: "logs", targetPrefix: "Logs_20140328" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-cloudwatch-logs");
      return { exports, configuration: new exports.CloudWatchLogsClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/logs/operations.ts"),
  ),
  service(
    { id: "ecr", signingName: "ecr", targetPrefix: "AmazonEC2ContainerRegistry_V20150921" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-ecr");
      return { exports, configuration: new exports.ECRClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/ecr/operations.ts"),
  ),
  service(
    { id: "acm", signingName: "acm", targetPrefix: "CertificateManager" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-acm");
      return { exports, configuration: new exports.ACMClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/acm/operations.ts"),
  ),
  service(
    { id: "autoscaling", signingName: "autoscaling", queryVersion: "2011-01-01" },
    awsQueryProtocol,
    async () => {
      const exports = await import("@aws-sdk/client-auto-scaling");
      return { exports, configuration: new exports.AutoScalingClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/autoscaling/operations.ts"),
  ),
  service(
    { id: "ssm", signingName: "ssm", targetPrefix: "AmazonSSM" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-ssm");
      return { exports, configuration: new exports.SSMClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/ssm/operations.ts"),
  ),
  service(
    { id: "secretsmanager", signingName: "secretsmanager", targetPrefix: "secretsmanager" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-secrets-manager");
      return { exports, configuration: new exports.SecretsManagerClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/secretsmanager/operations.ts"),
  ),
  service(
    { id: "cloudtrail", signingName: "cloudtrail", targetPrefix: "CloudTrail_20131101" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-cloudtrail");
      return { exports, configuration: new exports.CloudTrailClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/cloudtrail/operations.ts"),
  ),
  service(
    { id: "events", signingName: "events", targetPrefix: "AWSEvents" },
    awsJsonProtocol("1.1"),
    async () => {
      const exports = await import("@aws-sdk/client-eventbridge");
      return { exports, configuration: new exports.EventBridgeClient(CLIENT_OPTIONS).config };
    },
    () => import("../services/events/operations.ts"),
  ),
  service(
    { id: "s3", signingName: "s3", speaksPaths: true },
    s3Protocol,
    async () => {
      const exports = await import("@aws-sdk/client-s3");
      return { exports, configuration: new exports.S3Client(CLIENT_OPTIONS).config };
    },
    () => import("../services/s3/operations.ts"),
  ),
];
