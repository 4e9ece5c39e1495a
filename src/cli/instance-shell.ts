/**
 * `berth instance shell`: this machine's programs (`ip`, `ss`, `curl`) in an instance's network and under its host name,
 * with the instance's own files in `/etc` where names and the agent's configuration are looked up.
 */
import { spawn } from "node:child_process";
import { stateDirectoryOf } from "../config.ts";
import { findInstance, type InstanceFlags } from "./instance.ts";
import { CommandFailure } from "./output.ts";
import { isSimulated } from "./simulation-mark.ts";

/** Of the instance, live: what is written there stays there. */
const FILES = ["hosts", "resolv.conf", "hostname", "ecs", "os-release"];

/** This machine's Docker knows nothing of the instance's default network; Berth does. */
const DOCKER = `#!/bin/sh
if [ "$1 $2 $3" = "network inspect bridge" ]; then
  exec nsenter --net="/proc/$BERTH_CLIENT/ns/net" -- "$BERTH_NODE" "$BERTH_PROGRAM" \\
    instance network --state-dir "$BERTH_STATE" "$BERTH_INSTANCE" bridge
fi
PATH=\${PATH#/etc/berth-shell:} exec docker "$@"
`;

/**
 * Runs in a mount namespace of its own: its `/etc` is a copy, on a tmpfs, in which those are links into the instance's
 * root. Process ids are this machine's, so that `/proc` leads there.
 */
const SETUP = `set -e
root=/proc/$BERTH_MACHINE/root
mount -t tmpfs -o mode=0755 berth /mnt
cp -a /etc /mnt/etc
for name in ${FILES.join(" ")}; do
  rm -rf "/mnt/etc/$name"
  if [ -e "$root/etc/$name" ]; then ln -s "$root/etc/$name" "/mnt/etc/$name"; fi
done
mkdir /mnt/etc/berth-shell
printf '%s\\n' "PS1='[ec2-user@\\\\h \\\\W]# '" > /mnt/etc/berth-shell/profile
printf '%s' "$BERTH_DOCKER" > /mnt/etc/berth-shell/docker
chmod 0755 /mnt/etc/berth-shell/docker
mount --bind /mnt/etc /etc
umount -l /mnt
unset BERTH_DOCKER
export PATH="/etc/berth-shell:$PATH"
cd ~
if [ "$#" -gt 0 ]; then exec "$@"; fi
exec bash --noprofile --rcfile /etc/berth-shell/profile -i
`;

/** The exit code of the shell, or of the command. Throws CommandFailure (4) when there is no such instance. */
export async function instanceShell(
  instanceId: string,
  command: readonly string[],
  flags: InstanceFlags,
): Promise<number> {
  const stateDirectory = stateDirectoryOf(flags.stateDir, process.env);
  const { id, state, processId } = await findInstance(instanceId, flags);
  // Its process ids are no process's, or another's.
  if (isSimulated(stateDirectory)) {
    throw new CommandFailure(`instance ${id} is simulated: there is nothing to look into`);
  }
  if (processId === undefined || processId <= 0) {
    throw new CommandFailure(`instance ${id} does not run (${state}); see ./berth instance ls`);
  }
  const inNamespaces = ["--target", String(processId), "--net", "--uts", "--"];
  const withMounts = ["unshare", "--mount", "--propagation", "private", "--"];
  const child = spawn(
    "nsenter",
    [...inNamespaces, ...withMounts, "sh", "-c", SETUP, "berth-shell", ...command],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        BERTH_CLIENT: String(process.pid),
        BERTH_DOCKER: DOCKER,
        BERTH_INSTANCE: id,
        BERTH_MACHINE: String(processId),
        BERTH_NODE: process.execPath,
        BERTH_PROGRAM: process.argv[1],
        BERTH_STATE: stateDirectory,
      },
    },
  );
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new CommandFailure("nsenter is not installed; run ./berth setup")));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
