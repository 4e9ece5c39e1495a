/** What an instance prints while it boots, in the words of cloud-init and of the ECS agent. */
import type { Instance } from "../../model/ec2/records.ts";

/** EC2 keeps the last 64 KB of console output (user guide, "Instance console output"). */
const MOST_OUTPUT_BYTES = 64 * 1024;

export function appendOutput(output: string, text: string): string {
  if (text === "") return output;
  const whole = Buffer.from(output + (text.endsWith("\n") ? text : `${text}\n`));
  if (whole.length <= MOST_OUTPUT_BYTES) return whole.toString();
  const tail = whole.subarray(-MOST_OUTPUT_BYTES).toString();
  return tail.slice(tail.indexOf("\n") + 1);
}

const CLOUD_INIT = "Cloud-init v. 22.2.2";

export function cloudInitStage(stage: string, instance: Instance, now: number): string {
  return `${CLOUD_INIT} running '${stage}' at ${mailDate(now)}. Up ${uptime(instance, now)} seconds.\n`;
}

export function cloudInitFinished(instance: Instance, now: number): string {
  return `${CLOUD_INIT} finished at ${mailDate(now)}. Datasource DataSourceEc2.  Up ${uptime(instance, now)} seconds\n`;
}

/** `2026-01-01 00:00:00,000 - cc_scripts_user.py[WARNING]: …` */
export function cloudInitWarning(module: string, message: string, now: number): string {
  const time = new Date(now).toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
  return `${time} - ${module}[WARNING]: ${message}\n`;
}

export function agentLine(
  level: "info" | "error" | "critical",
  message: string,
  now: number,
  fields: Readonly<Record<string, string>> = {},
): string {
  const time = new Date(now).toISOString().replace(/\.\d+/, "");
  const more = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `level=${level} time=${time} msg=${JSON.stringify(message)}${more.join("")}\n`;
}

function uptime({ launchTime }: Instance, now: number): string {
  return (Math.max(0, now - launchTime) / 1000).toFixed(2);
}

/** `Thu, 01 Jan 2026 00:00:00 +0000`. */
function mailDate(now: number): string {
  return new Date(now).toUTCString().replace("GMT", "+0000");
}
