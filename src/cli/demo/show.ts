/** What the demo shows: both host names answered, names resolved in the proxy, the backend scaled to three. */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import type { Config } from "../../config.ts";
import { certificateAuthorityPath } from "../../reconcile/certificates/authority.ts";
import { CommandFailure, print } from "../output.ts";
import { lookUpPublicName } from "../status.ts";
import { type AwsEnvironment, clientSettings, DEMO_REGION, outputOf } from "./environment.ts";

const CLUSTER = "ecs-navi-cluster";
const HOSTS = ["ecs-navi.site", "api.ecs-navi.site"];
const BACKEND_NAME = "backend.ecs-navi.local";

interface Clients {
  readonly ecs: ECSClient;
  readonly route53: Route53Client;
}

export async function showResult(
  config: Config,
  environment: AwsEnvironment,
  scaleTo: (count: number) => Promise<void>,
): Promise<void> {
  const settings = clientSettings(environment);
  const clients: Clients = { ecs: new ECSClient(settings), route53: new Route53Client(settings) };

  print("\n== Both host names over HTTPS, answered by the backend's phpinfo page");
  for (const host of HOSTS) {
    const page = await untilPage(config, host);
    const address = /SERVER_ADDR[^\d]{1,80}?(\d+\.\d+\.\d+\.\d+)/.exec(page)?.[1] ?? "?";
    print(
      `https://${host}/  ->  ${/phpinfo/.test(page) ? "phpinfo" : "NOT phpinfo"}, served by the task at ${address}`,
    );
  }

  const proxy = await findContainer(clients, "ecs-navi-nginx-proxy-service");
  print(`\n== nslookup ${BACKEND_NAME} inside the proxy container`);
  print(nslookup(proxy));

  print("\n== The backend scaled to 3");
  await scaleTo(3);
  print(`\n== nslookup ${BACKEND_NAME} inside the proxy container, again`);
  print(await untilThree(proxy));
  print("\n== A records of backend in Route 53's private zone ecs-navi.local");
  for (const line of await listRecords(clients)) print(line);
  printNextSteps(environment);
}

function printNextSteps(environment: AwsEnvironment): void {
  print(`
== It goes on running. How to go on
endpoint      ${environment["AWS_ENDPOINT_URL"]}   (any keys, region ${DEMO_REGION})
environment   eval "$(./berth env --region ${DEMO_REGION})"
try           ./berth status
              ./berth curl https://ecs-navi.site/
              aws ecs describe-services --cluster ${CLUSTER} --services ecs-navi-backend-service
stop          ./berth down          (removes everything; --keep leaves it for the next ./berth up)`);
}

/** A first answer may need a moment: targets become healthy, names become known. */
async function untilPage(config: Config, host: string): Promise<string> {
  let last = "";
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const [address] = await lookUpPublicName(config.stateDirectory, host);
      const { status, body } = await get(
        host,
        address ?? "",
        certificateAuthorityPath(config.stateDirectory),
      );
      if (status === 200) return body;
      last = `status ${status}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new CommandFailure(`https://${host}/ did not answer: ${last}; see ./berth status and ./berth logs`);
}

function get(host: string, address: string, authority: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: address,
        servername: host,
        path: "/",
        headers: { host },
        ca: readFileSync(authority),
        timeout: 15_000,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          body += String(chunk);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 15 s")));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

async function findContainer({ ecs }: Clients, serviceName: string): Promise<string> {
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName }));
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
  const runtimeId = tasks?.find((task) => task.lastStatus === "RUNNING")?.containers?.[0]?.runtimeId;
  if (runtimeId === undefined)
    throw new CommandFailure(`${serviceName} has no running task; see ./berth status`);
  return runtimeId;
}

function nslookup(container: string): string {
  return outputOf("docker", ["exec", container, "nslookup", BACKEND_NAME]).trim();
}

async function untilThree(container: string): Promise<string> {
  let text = "";
  for (let attempt = 0; attempt < 50; attempt++) {
    text = nslookup(container);
    const answers = text.slice(text.indexOf("Name:")).match(/Address[^:]*:\s+\d+\.\d+\.\d+\.\d+/g) ?? [];
    if (answers.length === 3) return text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new CommandFailure(`${BACKEND_NAME} did not come to three addresses:\n${text}`);
}

async function listRecords({ route53 }: Clients): Promise<string[]> {
  const { HostedZones } = await route53.send(new ListHostedZonesCommand({}));
  const zone = HostedZones?.find((candidate) => candidate.Name === "ecs-navi.local.");
  const { ResourceRecordSets } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zone?.Id }),
  );
  return (ResourceRecordSets ?? [])
    .filter((record) => record.Type === "A" && record.Name === `${BACKEND_NAME}.`)
    .map((record) => `${record.Name} ${record.TTL} A ${record.ResourceRecords?.[0]?.Value}`);
}
