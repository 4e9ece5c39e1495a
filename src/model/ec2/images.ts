/** Amazon Machine Images that Berth knows: the ECS-optimised ones, and plain Amazon Linux. Their ids differ by region. */
import { createHash } from "node:crypto";

export interface MachineImage {
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: "x86_64" | "arm64";
  readonly ownerId: string;
  /** Milliseconds since the epoch. */
  readonly creationDate: number;
  readonly rootDeviceName: string;
  readonly rootVolumeGiB: number;
  readonly rootVolumeType: string;
  readonly snapshotId: string;
  /** The ECS agent starts on it. */
  readonly ecs?:
    | {
        readonly family: "amazon-linux-2" | "amazon-linux-2023";
        readonly version: string;
        readonly operatingSystem: string;
        readonly sourceImageName: string;
        readonly agentVersion: string;
        /** `Docker version 25.0.8`. */
        readonly runtimeVersion: string;
      }
    | undefined;
}

/** Amazon's accounts that publish the images ("Retrieving Amazon ECS-optimized Linux AMI metadata"). */
const ECS_OWNER = "591542846629";
const AMAZON_LINUX_OWNER = "137112412989";

interface Template extends Omit<MachineImage, "imageId" | "snapshotId"> {}

/** Two releases of each, newest last, so that "most recent" has something to choose. */
const RELEASES = ["20260206", "20260226"] as const;
const AGENT_VERSIONS: Readonly<Record<string, string>> = { "20260206": "1.102.0", "20260226": "1.105.1" };

const TEMPLATES: readonly Template[] = RELEASES.flatMap((release) =>
  (["x86_64", "arm64"] as const).flatMap((architecture): Template[] => [
    ecsImage(release, architecture, "amazon-linux-2023"),
    ecsImage(release, architecture, "amazon-linux-2"),
    {
      name: `al2023-ami-2023.10.${release}.0-kernel-6.1-${architecture}`,
      description: `Amazon Linux 2023 AMI 2023.10.${release}.0 ${architecture} HVM kernel-6.1`,
      architecture,
      ownerId: AMAZON_LINUX_OWNER,
      creationDate: dateOf(release),
      rootDeviceName: "/dev/xvda",
      rootVolumeGiB: 8,
      rootVolumeType: "gp3",
    },
  ]),
);

function ecsImage(
  release: string,
  architecture: "x86_64" | "arm64",
  family: "amazon-linux-2" | "amazon-linux-2023",
): Template {
  const common = {
    architecture,
    ownerId: ECS_OWNER,
    creationDate: dateOf(release),
    rootDeviceName: "/dev/xvda",
  };
  const runtimeVersion = "Docker version 25.0.8";
  const agentVersion = AGENT_VERSIONS[release] ?? "1.105.1";
  if (family === "amazon-linux-2") {
    const infix = architecture === "arm64" ? "arm64" : "x86_64";
    const version = `2.0.${release}`;
    return {
      ...common,
      name: `amzn2-ami-ecs-hvm-${version}-${infix}-ebs`,
      description: `Amazon Linux AMI ${version} ${infix} ECS HVM GP2`,
      rootVolumeGiB: 30,
      rootVolumeType: "gp2",
      ecs: {
        family,
        version,
        operatingSystem: "Amazon Linux 2",
        sourceImageName: `amzn2-ami-minimal-hvm-${version}.0-${infix}-ebs`,
        agentVersion,
        runtimeVersion,
      },
    };
  }
  const version = `2023.0.${release}`;
  return {
    ...common,
    name: `al2023-ami-ecs-hvm-${version}-kernel-6.1-${architecture}`,
    description: `Amazon Linux AMI ${version} ${architecture} ECS HVM EBS`,
    rootVolumeGiB: 30,
    rootVolumeType: "gp3",
    ecs: {
      family,
      version,
      operatingSystem: "Amazon Linux 2023",
      sourceImageName: `al2023-ami-minimal-2023.10.${release}.0-kernel-6.1-${architecture}`,
      agentVersion,
      runtimeVersion,
    },
  };
}

/** Newest last. */
export function machineImages(region: string): MachineImage[] {
  return TEMPLATES.map((template) => ({
    ...template,
    imageId: `ami-${idOf(region, template.name)}`,
    snapshotId: `snap-${idOf(region, `${template.name} root`)}`,
  }));
}

export function findMachineImage(region: string, imageId: string): MachineImage | undefined {
  return machineImages(region).find((image) => image.imageId === imageId);
}

/** Newest last. */
export function ecsOptimizedImages(region: string): MachineImage[] {
  return machineImages(region).filter((image) => image.ecs !== undefined);
}

/** The same in every installation, other in every region, as at AWS. */
function idOf(region: string, name: string): string {
  return createHash("sha256").update(`${region} ${name}`).digest("hex").slice(0, 17);
}

function dateOf(release: string): number {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(release) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), 20, 14, 31);
}
