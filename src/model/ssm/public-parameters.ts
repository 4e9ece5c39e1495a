/**
 * AWS's public parameters, as far as Berth has what they name: the ids of machine images (ECS guide, "Retrieving Amazon
 * ECS-optimized Linux AMI metadata"; Systems Manager guide, "Calling AMI public parameters"). They are computed: nobody
 * stores or changes them, and they belong to no account.
 */
import { arn } from "../arn.ts";
import { ecsOptimizedImages, type MachineImage, machineImages } from "../ec2/images.ts";
import type { Parameter } from "./records.ts";

const ECS = "/aws/service/ecs/optimized-ami";
const AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest";

/** In no order. */
export function publicParameters(region: string): Parameter[] {
  return [...ecsParameters(region), ...amazonLinuxParameters(region)];
}

export function findPublicParameter(region: string, name: string): Parameter | undefined {
  if (!name.startsWith("/aws/service/")) return undefined;
  return publicParameters(region).find((parameter) => parameter.name === name);
}

/** `…/recommended` is the newest of a family and architecture; each release has its own name beside it. */
function ecsParameters(region: string): Parameter[] {
  const paths = new Map<string, MachineImage>();
  // Newest last: it stays as the recommended one.
  for (const image of ecsOptimizedImages(region)) {
    const folder = `${ECS}/${image.ecs?.family}${image.architecture === "arm64" ? "/arm64" : ""}`;
    paths.set(`${folder}/recommended`, image);
    paths.set(`${folder}/${image.name}`, image);
  }
  return [...paths].flatMap(([path, image]) => {
    const metadata = metadataOf(image);
    return [
      publicParameter(region, path, JSON.stringify(metadata), image),
      ...Object.entries(metadata).map(([key, value]) =>
        publicParameter(region, `${path}/${key}`, String(value), image),
      ),
    ];
  });
}

function metadataOf(image: MachineImage) {
  return {
    ecs_agent_version: image.ecs?.agentVersion ?? "",
    ecs_runtime_version: image.ecs?.runtimeVersion ?? "",
    image_id: image.imageId,
    image_name: image.name,
    image_version: image.ecs?.version ?? "",
    os: image.ecs?.operatingSystem ?? "",
    schema_version: 1,
    source_image_name: image.ecs?.sourceImageName ?? "",
  };
}

function amazonLinuxParameters(region: string): Parameter[] {
  const paths = new Map<string, MachineImage>();
  for (const image of machineImages(region)) {
    if (!image.name.startsWith("al2023-ami-2023.")) continue;
    for (const kernel of ["kernel-default", "kernel-6.1"]) {
      paths.set(`${AMAZON_LINUX}/al2023-ami-${kernel}-${image.architecture}`, image);
    }
  }
  return [...paths].map(([path, image]) => publicParameter(region, path, image.imageId, image));
}

function publicParameter(region: string, name: string, value: string, image: MachineImage): Parameter {
  return {
    account: "",
    region,
    arn: arn("ssm", { account: "", region }, `parameter${name}`),
    name,
    tier: "Standard",
    tags: [],
    versions: [
      {
        version: 1,
        type: "String",
        value,
        dataType: "text",
        labels: [],
        lastModifiedAt: image.creationDate,
        lastModifiedBy: "",
      },
    ],
  };
}
