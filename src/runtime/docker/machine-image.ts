/**
 * The image of machines (EC2 instances), made here from the machine's own busybox as the pause image is: a shell and
 * the usual commands, a file system that can be written, and where the Amazon ECS agent's configuration is looked for.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { ensureImage, findBusybox, PAUSE } from "./pause-image.ts";
import { type TarEntry, tarOf } from "./tar.ts";

/** The number goes up with any change of what the image holds. */
const REPOSITORY = "berth/machine";
const TAG = "1";
export const MACHINE_IMAGE = `${REPOSITORY}:${TAG}`;

export const MACHINE_COMMAND = ["/usr/bin/busybox", "sh", "-c", PAUSE];

/** As Amazon Linux 2023 has it. */
const OS_RELEASE = `NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
PRETTY_NAME="Amazon Linux 2023"
ANSI_COLOR="0;33"
CPE_NAME="cpe:2.3:o:amazon:amazon_linux:2023"
HOME_URL="https://aws.amazon.com/linux/amazon-linux-2023/"
VARIANT_ID="ecs"
`;
const PASSWD =
  "root:x:0:0:root:/root:/bin/bash\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\n";
const GROUP = "root:x:0:\nec2-user:x:1000:\n";

/** Scripts that name bash get busybox's shell: busybox goes by the name it is called by, and knows no `bash`. */
const BASH = '#!/bin/sh\nexec /bin/sh "$@"\n';

/** Throws, with the remedy, when the machine has no static busybox. */
export async function ensureMachineImage(docker: Docker): Promise<void> {
  await ensureImage(docker, { repository: REPOSITORY, tag: TAG }, async () => {
    const { path, body } = await findBusybox();
    const { stdout } = await promisify(execFile)(path, ["--list"]);
    return tarOf(machineFiles(body, stdout.split("\n")));
  });
}

/** One directory of commands under all the names that scripts use, as on Amazon Linux, where `/bin` is `/usr/bin`. */
export function machineFiles(busybox: Buffer, applets: readonly string[]): TarEntry[] {
  const file = (path: string, text: string, mode = 0o644) => ({ path, mode, body: Buffer.from(text) });
  const names = applets.filter((name) => name !== "" && name !== "busybox" && name !== "bash");
  return [
    { path: "usr/bin/busybox", mode: 0o755, body: busybox },
    ...names.map((name) => ({ path: `usr/bin/${name}`, linkTo: "busybox" })),
    file("usr/bin/bash", BASH, 0o755),
    { path: "usr/sbin", linkTo: "bin" },
    { path: "bin", linkTo: "usr/bin" },
    { path: "sbin", linkTo: "usr/bin" },
    { path: "tmp", mode: 0o1777 },
    { path: "run", mode: 0o755 },
    { path: "root", mode: 0o700 },
    { path: "home/ec2-user", mode: 0o755 },
    { path: "var/lib", mode: 0o755 },
    { path: "var/log", mode: 0o755 },
    { path: "var/tmp", mode: 0o1777 },
    file("etc/ecs/ecs.config", ""),
    file("etc/os-release", OS_RELEASE),
    file("etc/passwd", PASSWD),
    file("etc/group", GROUP),
  ];
}
