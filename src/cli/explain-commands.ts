/** The commands below `berth explain`. */
import type { Command } from "commander";

export function addExplainCommands(explain: Command, withState: (command: Command) => Command): void {
  explain.description("tell why: which statement of which policy decides");

  withState(explain.command("iam"))
    .description("may a user, role or session do that? (--context aws:SourceIp=10.0.0.1, again for more)")
    .requiredOption("--principal <arn>", "user, role or session; or a service, for sts:AssumeRole on a role")
    .requiredOption("--action <name>", "for example ecs:RunTask")
    .option("--resource <arn>", "what it is done to (default: *)")
    .option("--context <key=value...>", "condition keys of the request")
    .option("--json", "as JSON")
    .action(async (flags) => (await import("./explain.ts")).explainIam(flags));
}
