/** `berth status`, `resolve`, `env`, `logs`: what runs, and how to reach it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { StatusReport } from "../admin/admin-endpoint.ts";
import { type ConfigFlags, DEFAULT_PORT, readConfig, stateDirectoryOf } from "../config.ts";
import { certificateAuthorityPath } from "../reconcile/certificates/authority.ts";
import { askServer, requireServer } from "./admin-client.ts";
import { CommandFailure, EXIT, print, printJson, table } from "./output.ts";
import { findRunningServer } from "./process-file.ts";
import { logFileOf } from "./up.ts";

interface DataFlags extends ConfigFlags {
  readonly json?: boolean | undefined;
}

export async function status(flags: DataFlags): Promise<number> {
  const stateDirectory = stateDirectoryOf(flags.stateDir, process.env);
  const server = findRunningServer(stateDirectory);
  if (server === undefined) {
    if (flags.json) printJson({ running: false, stateDirectory });
    else print(`Berth does not run (${stateDirectory}); start it with ./berth up --detach`);
    return EXIT.notRunning;
  }
  const { body } = await askServer(server, "status");
  // The server is of the same version: it serves the same checkout.
  const report = body as StatusReport;
  if (flags.json) {
    printJson({ running: true, endpoint: `http://${server.host}:${server.port}`, stateDirectory, ...report });
    return 0;
  }
  print(
    `Berth ${report.version} serves http://${server.host}:${server.port} (process ${report.processId}, since ${report.startedAt})`,
  );
  print(`state ${stateDirectory}, public addresses ${report.publicPool}`);
  const section = (title: string, rows: readonly (readonly string[])[]) => {
    if (rows.length > 0) print(`\n${title}\n${table(rows)}`);
  };
  section(
    "VPCs",
    report.vpcs.map((vpc) => [vpc.id, vpc.cidr, `${vpc.interfaces} network interfaces`]),
  );
  section(
    "Load balancers",
    report.loadBalancers.map((balancer) => [
      balancer.name,
      balancer.state,
      `${balancer.healthyTargets} healthy targets`,
      balancer.dnsName,
    ]),
  );
  section(
    "Services",
    report.services.map((service) => [
      service.cluster,
      service.name,
      service.status,
      `desired ${service.desired}`,
      `running ${service.running}`,
      `pending ${service.pending}`,
    ]),
  );
  section(
    "Tasks",
    report.tasks.map((task) => [
      task.id,
      task.lastStatus,
      task.address ?? "-",
      task.group,
      task.containers.map((container) => `${container.name}:${container.lastStatus}`).join(" "),
    ]),
  );
  return 0;
}

export async function lookUpPublicName(stateDirectory: string, name: string): Promise<readonly string[]> {
  const server = requireServer(stateDirectory);
  const { status: code, body } = await askServer(server, `resolve?name=${encodeURIComponent(name)}`);
  if (code !== 200) {
    throw new CommandFailure(
      `no name ${name} on this Berth: it is in no public hosted zone, and no load balancer has it`,
      EXIT.notFound,
    );
  }
  const addresses =
    typeof body === "object" && body !== null && "addresses" in body && Array.isArray(body.addresses)
      ? body.addresses
      : [];
  return addresses.map(String);
}

export async function resolveName(name: string, flags: DataFlags): Promise<void> {
  const addresses = await lookUpPublicName(stateDirectoryOf(flags.stateDir, process.env), name);
  if (flags.json) printJson({ name, addresses });
  else for (const address of addresses) print(address);
}

/** Account, keys and region are only defaults: any key works, 12 digits are an account of their own. */
export function environment(flags: DataFlags & { readonly region?: string | undefined }): void {
  const config = readConfig(flags, process.env);
  const server = findRunningServer(config.stateDirectory);
  const port = server?.port ?? (flags.port === undefined ? DEFAULT_PORT : config.port);
  const region =
    flags.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const variables: Readonly<Record<string, string>> = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    // botocore would put `data-` before the endpoint's host for Cloud Map's DiscoverInstances.
    AWS_DISABLE_HOST_PREFIX_INJECTION: "true",
    BERTH_CA_BUNDLE: certificateAuthorityPath(config.stateDirectory),
  };
  if (flags.json) printJson(variables);
  else for (const [name, value] of Object.entries(variables)) print(`export ${name}=${quote(value)}`);
}

function quote(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** Berth's own log; containers' output is in CloudWatch Logs. */
export async function logs(flags: ConfigFlags & { readonly follow?: boolean | undefined }): Promise<number> {
  const file = logFileOf(stateDirectoryOf(flags.stateDir, process.env));
  if (!existsSync(file))
    throw new CommandFailure(`no log yet at ${file}; start Berth with ./berth up`, EXIT.notFound);
  const child = spawn("tail", flags.follow ? ["-n", "200", "-F", file] : ["-n", "+1", file], {
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
