/** The commands below `berth instance`. */
import type { Command } from "commander";

export function addInstanceCommands(
  instance: Command,
  withState: (command: Command) => Command,
  finish: (code: Promise<number>) => Promise<void>,
): void {
  instance.description("EC2 instances: list them, look into one").enablePositionalOptions();

  withState(instance.command("ls"))
    .description("list instances, with their place in a cluster")
    .option("--json", "as JSON")
    .action(async (flags) => (await import("./instance.ts")).listInstances(flags));

  withState(instance.command("shell"))
    .description("a shell, or a command, in an instance's network: berth instance shell i-… [-- CMD …]")
    .argument("<instance>", "instance id, or its beginning")
    .argument("[command...]", "CMD …")
    .passThroughOptions()
    .action(async (id, command: readonly string[], flags) => {
      const words = command[0] === "--" ? command.slice(1) : command;
      return finish((await import("./instance-shell.ts")).instanceShell(id, words, flags));
    });

  withState(instance.command("network"))
    .description("print what `docker network inspect bridge` prints on an instance")
    .argument("<instance>", "instance id, or its beginning")
    .argument("<network>", "bridge")
    .action(async (id, network, flags) => (await import("./instance.ts")).printNetwork(id, network, flags));
}
