/** DescribeInstanceTypes and DescribeInstanceTypeOfferings, as far as the table of types tells. */
import type * as wire from "@aws-sdk/client-ec2";
import { coresOf, gpuOf } from "../../model/ec2/instance-details.ts";
import { findInstanceType, type InstanceType, listInstanceTypes } from "../../model/ec2/instance-types.ts";
import { availabilityZonesOf } from "../../model/ec2/zones.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken } from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { instanceTypesNotFound } from "./instance-errors.ts";

type Listed = InstanceType & { readonly tags: readonly [] };

const FILTERS: FilterTable<Listed> = {
  "bare-metal": (type) => type.bareMetal,
  "burstable-performance-supported": (type) => type.burstable,
  "current-generation": (type) => type.currentGeneration,
  hypervisor: (type) => type.hypervisor,
  "instance-type": (type) => type.name,
  "memory-info.size-in-mib": (type) => type.memoryMiB,
  "network-info.ipv4-addresses-per-interface": (type) => type.addressesPerInterface,
  "network-info.maximum-network-interfaces": (type) => type.maximumInterfaces,
  "processor-info.supported-architecture": (type) => type.architecture,
  "supported-root-device-type": () => "ebs",
  "supported-usage-class": () => ["on-demand", "spot"],
  "supported-virtualization-type": () => "hvm",
  "vcpu-info.default-vcpus": (type) => type.vcpus,
};
/** As DescribeInstanceTypes marks them (2026). */
const FREE_TIER = ["c7i-flex.large", "m7i-flex.large", "t3.micro", "t3.small", "t4g.micro", "t4g.small"];
const LARGEST_PAGE = 100;

export function describeInstanceTypes(
  input: wire.DescribeInstanceTypesRequest,
  _context: HandlerContext,
): wire.DescribeInstanceTypesResult {
  const asked = input.InstanceTypes ?? [];
  const unknown = asked.filter((name) => findInstanceType(name) === undefined);
  if (unknown.length > 0) throw instanceTypesNotFound(unknown);
  const types =
    asked.length > 0 ? asked.flatMap((name) => findInstanceType(name) ?? []) : listInstanceTypes();
  const listed = types.map((type): Listed => ({ ...type, tags: [] }));
  const { items, nextToken } = page(filtered(listed, input.Filters, FILTERS), {
    token: input.NextToken,
    limit: Math.min(input.MaxResults ?? LARGEST_PAGE, LARGEST_PAGE),
    key: ({ name }) => name,
    invalidToken: invalidNextToken,
  });
  return { InstanceTypes: items.map(describeType), NextToken: nextToken };
}

function describeType(type: InstanceType): wire.InstanceTypeInfo {
  const { cores, threadsPerCore } = coresOf(type);
  const gpu = gpuOf(type);
  return {
    InstanceType: nameOf(type),
    CurrentGeneration: type.currentGeneration,
    FreeTierEligible: FREE_TIER.includes(type.name),
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: ["hvm"],
    BareMetal: type.bareMetal,
    Hypervisor: type.hypervisor,
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: {
      DefaultVCpus: type.vcpus,
      DefaultCores: cores,
      DefaultThreadsPerCore: threadsPerCore,
    },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    EbsInfo: {
      EncryptionSupport: "supported",
      NvmeSupport: type.hypervisor === "xen" ? "unsupported" : "required",
    },
    PlacementGroupInfo: {
      SupportedStrategies: type.burstable ? ["partition", "spread"] : ["cluster", "partition", "spread"],
    },
    GpuInfo: gpu && {
      Gpus: [
        {
          Name: gpu.name,
          Manufacturer: gpu.manufacturer,
          Count: type.gpus,
          MemoryInfo: { SizeInMiB: gpu.memoryMiB },
        },
      ],
      TotalGpuMemoryInMiB: type.gpus * gpu.memoryMiB,
    },
    NetworkInfo: {
      MaximumNetworkInterfaces: type.maximumInterfaces,
      DefaultNetworkCardIndex: 0,
      Ipv4AddressesPerInterface: type.addressesPerInterface,
    },
    BurstablePerformanceSupported: type.burstable,
  };
}

/** The SDK's union lists the types of its own day; the service answers with all there are. */
function nameOf({ name }: InstanceType): wire._InstanceType {
  return name as wire._InstanceType;
}

const OFFERING_FILTERS: FilterTable<{ name: string; location: string; tags: readonly [] }> = {
  "instance-type": ({ name }) => name,
  location: ({ location }) => location,
};
const LARGEST_OFFERING_PAGE = 1000;

/** Every type is offered in every zone: nothing here runs short. */
export function describeInstanceTypeOfferings(
  input: wire.DescribeInstanceTypeOfferingsRequest,
  context: HandlerContext,
): wire.DescribeInstanceTypeOfferingsResult {
  const LocationType = input.LocationType ?? "region";
  const zones = availabilityZonesOf(context.scope.region);
  const locations =
    LocationType === "region"
      ? [context.scope.region]
      : zones.map((zone) => (LocationType === "availability-zone-id" ? zone.zoneId : zone.zoneName));
  const all = listInstanceTypes().flatMap(({ name }) =>
    locations.map((location) => ({ name, location, tags: [] as const })),
  );
  const { items, nextToken } = page(filtered(all, input.Filters, OFFERING_FILTERS), {
    token: input.NextToken,
    limit: Math.min(input.MaxResults ?? LARGEST_OFFERING_PAGE, LARGEST_OFFERING_PAGE),
    key: ({ name, location }) => `${name} ${location}`,
    invalidToken: invalidNextToken,
  });
  return {
    InstanceTypeOfferings: items.map(({ name, location }) => ({
      InstanceType: name as wire._InstanceType,
      LocationType,
      Location: location,
    })),
    NextToken: nextToken,
  };
}
