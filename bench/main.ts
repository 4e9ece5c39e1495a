/** `bench/run`: measures, prints the table (or JSON) on standard output and progress on standard error. */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { startTestBerth } from "../test/stories/harness.ts";
import { createGroup, createNetwork, fromAnywhere } from "../test/stories/network.ts";
import { CLUSTER } from "../test/stories/tasks.ts";
import { type Effort, measureApi } from "./api.ts";
import { measureDataPlane } from "./data-plane.ts";
import { startMoto } from "./moto.ts";
import { type Comparison, ratioOf, renderTable } from "./report.ts";
import { measureStart } from "./tasks.ts";

const PARTS = ["api", "tasks", "data"];

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "8" },
    only: { type: "string", default: PARTS.join(",") },
  },
});
const parts = new Set(values.only.split(","));
for (const part of parts) {
  if (PARTS.includes(part)) continue;
  process.stderr.write(`bench: --only takes ${PARTS.join(", ")}, not ${part}\n`);
  process.exit(2);
}

const effort: Effort = {
  seconds: requireNumber("--seconds", values.seconds, 10),
  connections: requireNumber("--connections", values.connections, 100),
  progress: (what) => process.stderr.write(`bench: ${what}\n`),
};

function requireNumber(name: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  process.stderr.write(`bench: ${name} is a number from 1 to ${most}\n`);
  process.exit(2);
}

async function measureAll(rows: Comparison[]): Promise<Record<string, unknown>> {
  effort.progress("starting a Berth of its own");
  const berth = await startTestBerth();
  try {
    let motoVersion: string | undefined;
    if (parts.has("api")) {
      const moto = await startMoto();
      motoVersion = moto?.version;
      if (moto === undefined)
        effort.progress("moto's server is not installed: Berth's API is measured alone");
      try {
        rows.push(...(await measureApi(berth, moto, effort)));
      } finally {
        moto?.stop();
      }
    }
    if (parts.has("tasks") || parts.has("data")) {
      await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
      const network = await createNetwork(berth, "10.77");
      const securityGroup = await createGroup(berth, network.vpcId, "bench", fromAnywhere);
      const place = { subnet: network.publicSubnetIds[0], securityGroup };
      if (parts.has("tasks")) rows.push(...(await measureStart(berth, place, effort)));
      if (parts.has("data")) rows.push(...(await measureDataPlane(berth, network, place, effort)));
    }
    return { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, moto: motoVersion };
  } catch (error) {
    // The state directory goes with the Berth.
    const log = readFileSync(join(berth.stateDirectory, "berth.log"), "utf8");
    process.stderr.write(`${log.slice(-4000)}\n`);
    throw error;
  } finally {
    effort.progress("removing all of it");
    berth.down();
  }
}

const rows: Comparison[] = [];
const machine = await measureAll(rows);
if (values.json) {
  const measured = rows.map((row) => ({ ...row, ratio: ratioOf(row) }));
  process.stdout.write(
    `${JSON.stringify({ machine, seconds: effort.seconds, connections: effort.connections, measured }, null, 2)}\n`,
  );
} else {
  process.stdout.write(`${renderTable(rows)}\n`);
}
// Connections that SDK clients keep open must not hold the program.
process.exit(0);
