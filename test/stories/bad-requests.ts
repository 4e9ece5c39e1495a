/** Single requests that each service refuses, with the error that it names; and operations that Berth does not have. */
import { REGION } from "./harness.ts";
import {
  formRequest,
  jsonRequest,
  objectRequest,
  queryRequest,
  type RawRequest,
  restRequest,
} from "./raw.ts";
import { CLUSTER } from "./tasks.ts";

export interface Case {
  readonly title: string;
  readonly request: RawRequest;
  readonly status?: number;
  readonly code: string | RegExp;
}

export const jsonBase = jsonRequest("ecs", "ListClusters", "{}");
const deep = (levels: number) => `{"tags":${"[".repeat(levels)}${"]".repeat(levels)}}`;

export const CASES: readonly Case[] = [
  {
    title: "JSON that is none",
    request: jsonRequest("ecs", "CreateCluster", "{"),
    code: "ClientException",
  },
  {
    title: "JSON that is a list",
    request: jsonRequest("ecs", "CreateCluster", "[]"),
    code: "ClientException",
  },
  {
    title: "JSON that nests deeply",
    request: jsonRequest("ecs", "CreateCluster", deep(20_000)),
    code: "ClientException",
  },
  {
    title: "bytes that are no text",
    request: { ...jsonRequest("ecs", "CreateCluster", ""), body: Buffer.from([0xff, 0xfe, 0x00, 0x7b]) },
    code: "ClientException",
  },
  {
    title: "a body that says it is compressed",
    request: { ...jsonBase, headers: { ...jsonBase.headers, "content-encoding": "gzip" } },
    code: "SerializationException",
  },
  {
    title: "a number for a name",
    request: jsonRequest("ecs", "CreateCluster", '{"clusterName":5}'),
    code: "ClientException",
  },
  {
    title: "a name that is no name",
    request: jsonRequest("ecs", "CreateCluster", '{"clusterName":"a b"}'),
    code: "InvalidParameterException",
  },
  {
    title: "a missing parameter",
    request: jsonRequest("ecs", "DeleteCluster", "{}"),
    code: /InvalidParameterException|ClientException/,
  },
  {
    title: "an unknown cluster",
    request: jsonRequest("ecs", "DeleteCluster", '{"cluster":"none"}'),
    code: "ClusterNotFoundException",
  },
  {
    title: "an unknown service",
    request: jsonRequest("ecs", "UpdateService", `{"cluster":"${CLUSTER}","service":"none"}`),
    code: "ServiceNotFoundException",
  },
  {
    title: "a negative count",
    request: jsonRequest(
      "ecs",
      "CreateService",
      `{"cluster":"${CLUSTER}","serviceName":"a","taskDefinition":"none","desiredCount":-1}`,
    ),
    code: /InvalidParameterException|ClientException/,
  },
  {
    title: "a list for a log group's name",
    request: jsonRequest("logs", "CreateLogGroup", '{"logGroupName":["a"]}'),
    code: "SerializationException",
  },
  {
    title: "a log group without a name",
    request: jsonRequest("logs", "CreateLogGroup", "{}"),
    code: /InvalidParameterException|ValidationException/,
  },
  {
    title: "an unknown log group",
    request: jsonRequest("logs", "DeleteLogGroup", '{"logGroupName":"none"}'),
    code: "ResourceNotFoundException",
  },
  {
    title: "an unknown repository",
    request: jsonRequest("ecr", "DeleteRepository", '{"repositoryName":"none"}'),
    code: "RepositoryNotFoundException",
  },
  {
    title: "an unknown certificate",
    request: jsonRequest(
      "acm",
      "DeleteCertificate",
      `{"CertificateArn":"arn:aws:acm:${REGION}:000000000000:certificate/12345678-1234-1234-1234-123456789012"}`,
    ),
    code: "ResourceNotFoundException",
  },
  {
    title: "an unknown namespace",
    request: jsonRequest("servicediscovery", "DeleteNamespace", '{"Id":"ns-none"}'),
    code: "NamespaceNotFound",
  },
  { title: "a form that is none", request: formRequest("ec2", "%%%=&&&=%zz"), code: /./ },
  {
    title: "a range that is none",
    request: queryRequest("ec2", "CreateVpc", { CidrBlock: "ten" }),
    code: /./,
  },
  { title: "a missing range", request: queryRequest("ec2", "CreateVpc"), code: "MissingParameter" },
  {
    title: "an unknown VPC",
    request: queryRequest("ec2", "DeleteVpc", { VpcId: "vpc-0123456789abcdef0" }),
    code: /^InvalidVpc(ID)?\.NotFound$/i,
  },
  {
    title: "a list where a word belongs",
    request: queryRequest("ec2", "DeleteVpc", { "VpcId.1.2": "x" }),
    code: /./,
  },
  {
    title: "a port that is none",
    request: queryRequest("elasticloadbalancing", "CreateTargetGroup", { Name: "a", Port: "many" }),
    code: /./,
  },
  {
    title: "an unknown load balancer",
    request: queryRequest("elasticloadbalancing", "DescribeLoadBalancers", { "Names.member.1": "none" }),
    code: "LoadBalancerNotFound",
  },
  {
    title: "an unknown role",
    request: queryRequest("iam", "DeleteRole", { RoleName: "none" }),
    status: 404,
    code: "NoSuchEntity",
  },
  { title: "a role without a name", request: queryRequest("iam", "CreateRole"), code: "ValidationError" },
  { title: "XML that is none", request: restRequest("POST", "hostedzone", "<Create"), code: /./ },
  { title: "XML of another shape", request: restRequest("POST", "hostedzone", "<a><b>c</b></a>"), code: /./ },
  {
    title: "XML with entities",
    request: restRequest(
      "POST",
      "hostedzone",
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><CreateHostedZoneRequest><Name>&x;</Name></CreateHostedZoneRequest>',
    ),
    code: /./,
  },
  {
    title: "an unknown zone",
    request: restRequest("DELETE", "hostedzone/ZNONE"),
    status: 404,
    code: "NoSuchHostedZone",
  },
  {
    title: "a bucket that there is not",
    request: objectRequest("GET", "/there-is-none?list-type=2"),
    status: 404,
    code: "NoSuchBucket",
  },
  {
    title: "a bucket's name that can be none",
    request: objectRequest("PUT", "/No_Bucket"),
    code: "InvalidBucketName",
  },
  {
    title: "a method that S3 does not have there",
    request: objectRequest("PATCH", "/there-is-none/key"),
    status: 405,
    code: "MethodNotAllowed",
  },
  {
    title: "an object for nobody",
    request: { method: "GET", path: "/there-is-none/key" },
    status: 403,
    code: "AccessDenied",
  },
  {
    title: "an operation that there is not (JSON)",
    request: jsonRequest("ecs", "CreateEverything", "{}"),
    code: "UnknownOperationException",
  },
  {
    title: "an operation that there is not (query)",
    request: queryRequest("ec2", "CreateEverything"),
    code: "InvalidAction",
  },
  { title: "a path that there is not", request: restRequest("POST", "everything"), code: /./ },
  {
    title: "a request without credentials",
    request: { headers: { "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters" }, body: "{}" },
    status: 403,
    code: /MissingAuthenticationToken/,
  },
];

/** One operation of each service that Berth does not have. */
export const UNBUILT: readonly (readonly [service: string, operation: string, request: RawRequest])[] = [
  ["ecs", "SubmitTaskStateChange", jsonRequest("ecs", "SubmitTaskStateChange", "{}")],
  ["logs", "StartQuery", jsonRequest("logs", "StartQuery", "{}")],
  ["ecr", "StartImageScan", jsonRequest("ecr", "StartImageScan", "{}")],
  ["acm", "ExportCertificate", jsonRequest("acm", "ExportCertificate", "{}")],
  ["ec2", "CreateVpcPeeringConnection", queryRequest("ec2", "CreateVpcPeeringConnection")],
  ["elasticloadbalancing", "CreateTrustStore", queryRequest("elasticloadbalancing", "CreateTrustStore")],
  ["iam", "CreateSAMLProvider", queryRequest("iam", "CreateSAMLProvider")],
  ["sts", "AssumeRoleWithSAML", queryRequest("sts", "AssumeRoleWithSAML")],
  ["s3", "PutBucketVersioning", objectRequest("PUT", "/hostile-objects?versioning", "<a/>")],
  ["route53", "CreateTrafficPolicy", restRequest("POST", "trafficpolicy", "<a/>")],
];
