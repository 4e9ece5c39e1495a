/** The command line: parses, calls one command, turns its outcome into an exit code. */
import { Command } from "commander";
import { UsageError } from "../config.ts";
import { addExplainCommands } from "./explain-commands.ts";
import { addInstanceCommands } from "./instance-commands.ts";
import { CommandFailure, EXIT, say } from "./output.ts";

const EXIT_CODES = `
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 Berth does not run · 4 no such name, task, instance or file;
curl, exec and instance shell pass on the code of the command they ran.`;

function withState(command: Command): Command {
  return command.option(
    "--state-dir <folder>",
    "where Berth keeps its state (default: $XDG_STATE_HOME/berth)",
  );
}

function withServer(command: Command): Command {
  return withState(command)
    .option("--port <number>", "port on 127.0.0.1 (default: 4566)")
    .option("--public-pool <cidr>", "range of public addresses (default: 198.18.0.0/16)")
    .option("--log-level <level>", "debug, info, warn or error (default: info)");
}

export function createProgram(): Command {
  const program = new Command("berth")
    .description(
      "Amazon ECS on one Linux machine, for real: AWS's APIs in front, containers and networks behind.",
    )
    .version("0.1.0")
    .addHelpText("after", EXIT_CODES)
    .enablePositionalOptions()
    .exitOverride();

  addServerCommands(program);
  addUserCommands(program);
  addInstanceCommands(program.command("instance"), withState, finish);
  addExplainCommands(program.command("explain"), withState);
  return program;
}

/** Those that run, end and look at Berth itself. */
function addServerCommands(program: Command): void {
  withServer(program.command("up"))
    .description("run the server in the foreground, or in the background with --detach")
    .option("-d, --detach", "return once it is ready")
    .option(
      "--simulate",
      "without containers and kernel: API, scheduler and bookkeeping alone; needs no root",
    )
    .option("--no-endpoint-injection", "leave AWS_ENDPOINT_URL out of the environment of containers")
    .option("--iam <mode>", "enforce: policies also decide what your own keys may do (user berth)")
    .option("--speed <factor>", "how fast simulated time runs: a factor, or fast (default)")
    .action(async (flags) => (await import("./up.ts")).up(flags));

  withServer(program.command("down"))
    .description("stop the server and remove everything it made")
    .option("--keep", "leave state, containers and networks for the next up")
    .action(async (flags) => (await import("./down.ts")).down(flags));

  withState(program.command("status"))
    .description("show what runs")
    .option("--json", "as JSON")
    .action(async (flags) => finish((await import("./status.ts")).status(flags)));

  withServer(program.command("env"))
    .description('print the environment for AWS CLI, SDKs and Terraform: eval "$(./berth env)"')
    .option("--region <name>", "region (default: $AWS_REGION, else us-east-1)")
    .option("--json", "as JSON")
    .action(async (flags) => (await import("./status.ts")).environment(flags));

  withServer(program.command("doctor"))
    .description("check the machine and say how to mend what is missing")
    .option("--json", "as JSON")
    .action(async (flags) => finish((await import("./doctor.ts")).doctor(flags)));

  withState(program.command("setup"))
    .description("install what doctor finds missing, from Debian's packages")
    .action(async () => (await import("./setup.ts")).setup());
}

/** Those that use what runs on it. */
function addUserCommands(program: Command): void {
  withState(program.command("resolve"))
    .description("print the addresses that a client outside the VPC gets for a name, one a line")
    .argument("<name>")
    .option("--json", "as JSON")
    .action(async (name, flags) => (await import("./status.ts")).resolveName(name, flags));

  withState(program.command("curl"))
    .description("curl with Berth's resolver and certificate authority")
    .argument("<parameters...>", "curl's own parameters")
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (parameters, flags) => finish((await import("./curl.ts")).curl(parameters, flags)));

  withState(program.command("exec"))
    .description("run a command in a container of a task: berth exec TASK [CONTAINER] -- CMD …")
    .argument("<task>", "task id, its beginning, or its ARN")
    .argument("[rest...]", "[CONTAINER] -- CMD …")
    .passThroughOptions()
    .action(async (task, rest, flags) => {
      const { container, command } = splitExec(task, rest);
      return finish((await import("./exec.ts")).exec(task, container, command, flags));
    });

  withState(program.command("logs"))
    .description("print Berth's own log (what containers print is in CloudWatch Logs)")
    .option("-f, --follow", "go on printing")
    .action(async (flags) => finish((await import("./status.ts")).logs(flags)));

  withState(program.command("trail"))
    .description("print who called which AWS operation, oldest first (CloudTrail's event history)")
    .option("-f, --follow", "go on printing")
    .option("--user <name>", "a user's name, or of a role its session's")
    .option("--event <name>", "RunTask, ecs:RunTask or ecs:*")
    .option("--errors", "only calls that failed")
    .option("--since <time>", "10m, 2h, 1d or a time (default: the last 50 calls)")
    .option("--json", "as CloudTrail writes events, one a line")
    .action(async (flags) => (await import("./trail.ts")).trail(flags));

  withServer(program.command("demo"))
    .description("make a system and show it: ecs-navi (HTTPS, services by name) or django-bridge (EC2)")
    .argument("[example]", "ecs-navi or django-bridge", "ecs-navi")
    .option("--terraform", "by terraform apply (minutes) instead of the AWS SDK")
    .option("--step", "django-bridge: wait for a key before each step")
    .action(async (example, flags) => (await import("./demo/demo.ts")).demo(example, flags));
}

/** Parsers drop the first `--`; what stood before it is told by the raw parameters. */
function splitExec(
  task: string,
  rest: readonly string[],
): { container?: string; command: readonly string[] } {
  const raw = process.argv.slice(process.argv.indexOf(task) + 1);
  const dash = raw.indexOf("--");
  if (dash === 0) return { command: rest.filter((word, index) => !(index === 0 && word === "--")) };
  const [container, ...command] = rest;
  return {
    ...(container === undefined ? {} : { container }),
    command: command[0] === "--" ? command.slice(1) : command,
  };
}

async function finish(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommandFailure) {
      say(`berth: ${error.message}`);
      process.exit(error.exitCode);
    }
    if (error instanceof UsageError) {
      say(`berth: ${error.message}`);
      process.exit(EXIT.usage);
    }
    // Commander has already printed its own message.
    if (error instanceof Error && "exitCode" in error && "code" in error) {
      process.exit(error.exitCode === 0 ? 0 : EXIT.usage);
    }
    say(`berth: ${error instanceof Error ? error.message : String(error)}`);
    if (process.env["BERTH_LOG_LEVEL"] === "debug" && error instanceof Error) say(error.stack ?? "");
    process.exit(EXIT.failure);
  }
}

await main();
