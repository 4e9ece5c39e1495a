/** Regions, their availability zones, and zone ids. */

/** Opted in without asking; the others answer `not-opted-in` (Amazon EC2 user guide, "Regions and Zones"). */
const DEFAULT_REGIONS = [
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
] as const;

const OPT_IN_REGIONS = [
  "af-south-1",
  "ap-east-1",
  "ap-south-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-7",
  "ca-west-1",
  "eu-central-2",
  "eu-south-1",
  "eu-south-2",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
] as const;

export interface RegionInfo {
  readonly regionName: string;
  readonly optInStatus: "opt-in-not-required" | "opted-in" | "not-opted-in";
}

export interface ZoneInfo {
  /** `ap-northeast-1a` */
  readonly zoneName: string;
  /** `apne1-az4` */
  readonly zoneId: string;
}

/** All regions; `current`, the caller's, counts as opted in even when AWS has no region of that name. */
export function allRegions(current: string): RegionInfo[] {
  const regions: RegionInfo[] = [
    ...DEFAULT_REGIONS.map((regionName) => ({ regionName, optInStatus: "opt-in-not-required" as const })),
    ...OPT_IN_REGIONS.map((regionName) => ({
      regionName,
      optInStatus: regionName === current ? ("opted-in" as const) : ("not-opted-in" as const),
    })),
  ];
  if (regions.some((region) => region.regionName === current)) return regions;
  return [...regions, { regionName: current, optInStatus: "opt-in-not-required" }];
}

/**
 * Letters with the number of the zone behind each. AWS maps letters to zones differently for every account; this
 * is one such mapping. Regions that are not named have `a`, `b` and `c`.
 */
const ZONES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "ap-northeast-1": { a: 4, c: 1, d: 2 },
  "ap-northeast-2": { a: 1, b: 2, c: 3, d: 4 },
  "ca-central-1": { a: 1, b: 2, d: 4 },
  "us-east-1": { a: 1, b: 2, c: 4, d: 6, e: 3, f: 5 },
  "us-west-1": { a: 1, c: 3 },
  "us-west-2": { a: 1, b: 2, c: 3, d: 4 },
};

export function availabilityZonesOf(region: string): ZoneInfo[] {
  const letters = ZONES[region] ?? { a: 1, b: 2, c: 3 };
  return Object.entries(letters).map(([letter, number]) => ({
    zoneName: region + letter,
    zoneId: `${shortRegion(region)}-az${number}`,
  }));
}

const DIRECTIONS = ["north", "south", "east", "west", "central"];

/** `ap-northeast-1` is `apne1`, `us-east-1` is `use1`. */
function shortRegion(region: string): string {
  return region
    .split("-")
    .map((part, index) => (index === 0 ? part : directionInitials(part)))
    .join("");
}

function directionInitials(part: string): string {
  let rest = part;
  let initials = "";
  for (let found = true; found && rest !== ""; ) {
    const direction = DIRECTIONS.find((name) => rest.startsWith(name));
    found = direction !== undefined;
    if (direction === undefined) continue;
    initials += direction.charAt(0);
    rest = rest.slice(direction.length);
  }
  return initials + rest;
}
