/** Runs an instance's user data in its machine, as cloud-init does at the first boot. */
import type { Clock } from "../../../lib/clock.ts";
import type { Instance } from "../../../model/ec2/records.ts";
import type { ContainerRuntime } from "../../../runtime/container-runtime.ts";
import { cloudInitFinished, cloudInitStage, cloudInitWarning } from "../console.ts";
import { type CloudConfig, type FileToWrite, quote, readCloudConfig } from "./cloud-config.ts";
import { readUserData, type UserDataPart } from "./parts.ts";

/** All of it together; what still runs then is killed, and the boot goes on. */
const TIME_LIMIT_MS = 300_000;
const SCRIPTS = "/var/lib/cloud/instance/scripts";

export interface Boot {
  readonly instance: Instance;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  /** Console output, as it comes. */
  print(text: string): void;
}

/** Throws when the engine cannot be reached, or the machine went away. */
export async function runUserData(boot: Boot): Promise<void> {
  const { instance, clock, print } = boot;
  const deadline = clock.now() + TIME_LIMIT_MS;
  const parts = readUserData(instance.userData);
  print(cloudInitStage("init", instance, clock.now()));
  const configs = parts.flatMap((part) => configOf(boot, part));
  for (const part of parts) announce(boot, part);
  for (const [index, part] of parts.entries()) {
    if (part.kind !== "boothook") continue;
    await runFile(boot, deadline, "boothooks", { name: partName(index), text: part.text });
  }
  const bootcmd = configs.flatMap((config) => config.bootcmd);
  if (bootcmd.length > 0) {
    await runFile(boot, deadline, "bootcmd", { name: "bootcmd", text: scriptOf(bootcmd) });
  }
  for (const file of configs.flatMap(({ writeFiles }) => writeFiles)) await writeFile(boot, file);
  print(cloudInitStage("modules:config", instance, clock.now()));
  print(cloudInitStage("modules:final", instance, clock.now()));
  await runScripts(boot, deadline, parts, configs);
  print(cloudInitFinished(instance, clock.now()));
}

/** `runcmd` is one more script beside the parts; they run in the order of their names. */
async function runScripts(
  boot: Boot,
  deadline: number,
  parts: readonly UserDataPart[],
  configs: readonly CloudConfig[],
): Promise<void> {
  const scripts = parts.flatMap((part, index) =>
    part.kind === "script" ? [{ name: partName(index), text: part.text }] : [],
  );
  const runcmd = configs.flatMap((config) => config.runcmd);
  if (runcmd.length > 0) scripts.push({ name: "runcmd", text: scriptOf(runcmd) });
  let failed = false;
  for (const script of scripts) {
    if ((await runFile(boot, deadline, "scripts", script)) !== 0) failed = true;
  }
  if (!failed) return;
  const warning = `Failed to run module scripts-user (scripts in ${SCRIPTS})`;
  boot.print(cloudInitWarning("cc_scripts_user.py", warning, boot.clock.now()));
}

function partName(index: number): string {
  return `part-${String(index + 1).padStart(3, "0")}`;
}

function scriptOf(lines: readonly string[]): string {
  return `#!/bin/sh\n${lines.join("\n")}\n`;
}

function configOf({ print, clock }: Boot, part: UserDataPart): CloudConfig[] {
  if (part.kind !== "cloud-config") return [];
  const { config, fault } = readCloudConfig(part.text);
  if (fault !== undefined) print(cloudInitWarning("util.py", fault, clock.now()));
  for (const key of config.unsupported) {
    print(cloudInitWarning("cloud-config", `Berth does not carry out '${key}'`, clock.now()));
  }
  return [config];
}

function announce({ print, clock }: Boot, part: UserDataPart): void {
  if (part.kind === "unsupported") {
    print(
      cloudInitWarning("__init__.py", `Berth does not carry out parts of type ${part.type}`, clock.now()),
    );
  }
  if (part.kind === "unknown") {
    const start = JSON.stringify(part.text.slice(0, 24)).slice(1, -1);
    const warning = `Unhandled non-multipart (text/x-not-multipart) userdata: 'b'${start}'...'`;
    print(cloudInitWarning("__init__.py", warning, clock.now()));
  }
}

/** The exit code; 0 when nothing of the time is left. */
async function runFile(
  boot: Boot,
  deadline: number,
  folder: string,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<number> {
  const timeoutSeconds = Math.ceil((deadline - boot.clock.now()) / 1000);
  if (timeoutSeconds <= 0) return 0;
  const directory = `/var/lib/cloud/instance/${folder}`;
  const path = `${directory}/${name}`;
  const put = `mkdir -p ${directory} && cat > ${path} && chmod 0700 ${path}`;
  await run(boot, { arguments: ["/bin/sh", "-c", put], input: text, timeoutSeconds });
  const exitCode = await run(boot, { arguments: [...interpreterOf(text), path], timeoutSeconds });
  if (exitCode !== 0) {
    const why =
      exitCode === 124 ? `ran longer than ${TIME_LIMIT_MS / 1000} s and was killed` : `[${exitCode}]`;
    boot.print(cloudInitWarning("subp.py", `Failed running ${path} ${why}`, boot.clock.now()));
  }
  return exitCode;
}

/** Of the first line, one parameter at most, as the kernel reads it. */
function interpreterOf(text: string): string[] {
  const [, program, parameter] = /^#!\s*(\S+)[ \t]*([^\n]*)/.exec(text) ?? [];
  if (program === undefined) return ["/bin/sh"];
  const given = parameter?.trim();
  return given === undefined || given === "" ? [program] : [program, given];
}

async function writeFile(boot: Boot, file: FileToWrite): Promise<void> {
  const path = quote(file.path);
  const folder = quote(file.path.replace(/\/[^/]*$/, "") || "/");
  const arrow = file.append ? ">>" : ">";
  const text = file.body.toString("utf8");
  // Text goes as a here document, anything else in base64.
  const asText = text.endsWith("\n") && !text.includes("BERTH_END") && Buffer.from(text).equals(file.body);
  const put = asText
    ? `mkdir -p ${folder}\ncat ${arrow} ${path} <<'BERTH_END'\n${text}BERTH_END\n`
    : `mkdir -p ${folder}\nbase64 -d ${arrow} ${path}\n`;
  const owner = file.owner === undefined ? "" : `chown ${quote(file.owner)} ${path}\n`;
  await run(boot, {
    arguments: ["/bin/sh", "-c", `${put}chmod ${file.mode} ${path}\n${owner}`],
    ...(asText ? {} : { input: file.body.toString("base64") }),
    timeoutSeconds: 30,
  });
}

async function run(
  { runtime, instance, print }: Boot,
  program: Parameters<ContainerRuntime["runInSandbox"]>[1],
): Promise<number> {
  const done = await runtime.runInSandbox(instance.instanceId, program);
  if (!done.ok) {
    if (isMissingProgram(done.failure.message)) {
      print(`${program.arguments[0]}: not found`);
      return 127;
    }
    throw new Error(`container engine: ${done.failure.kind}: ${done.failure.message}`);
  }
  print(done.value.output);
  return done.value.exitCode;
}

function isMissingProgram(message: string): boolean {
  return /executable file not found|no such file or directory/i.test(message);
}
