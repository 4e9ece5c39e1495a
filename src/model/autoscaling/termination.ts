/**
 * Which instances a group gives up when it scales in (Auto Scaling user guide, "Configure termination policies"):
 * zones are balanced first, whatever the policies say; among the instances of the fullest zone that are not protected
 * the policies decide in their order, and chance between equals.
 */
import { type Random, shuffled } from "../../lib/random.ts";

export const TERMINATION_POLICIES = [
  "AllocationStrategy",
  "ClosestToNextInstanceHour",
  "Default",
  "NewestInstance",
  "OldestInstance",
  "OldestLaunchConfiguration",
  "OldestLaunchTemplate",
] as const;

const HOUR_MS = 3_600_000;

export interface Candidate {
  readonly instanceId: string;
  readonly availabilityZone: string;
  readonly protectedFromScaleIn: boolean;
  /** Milliseconds since the epoch. */
  readonly launchTime: number;
  /** Of its launch configuration; undefined when it was launched from a template. */
  readonly configurationCreatedAt?: number | undefined;
  /** Of its launch template; undefined when it was launched from a configuration. */
  readonly templateVersion?: number | undefined;
  readonly usesCurrentTemplate: boolean;
}

/**
 * At most `count` of `candidates`, in the order in which they are chosen. Fewer when too many are protected.
 * `candidates` are all that count as capacity: the protected ones too, since they fill zones.
 */
export function selectForTermination(
  candidates: readonly Candidate[],
  count: number,
  policies: readonly string[],
  { now, random }: { readonly now: number; readonly random: Random },
): Candidate[] {
  const left = shuffled(random, candidates);
  const chosen: Candidate[] = [];
  while (chosen.length < count) {
    const pool = fullestZone(left);
    let choice = pool;
    for (const policy of policies.length === 0 ? ["Default"] : policies) {
      choice = narrow(choice, policy, now);
    }
    const [first] = choice;
    if (first === undefined) break;
    chosen.push(first);
    left.splice(left.indexOf(first), 1);
  }
  return chosen;
}

/** Of the zone with the most instances among those that have one without protection: those without it. */
function fullestZone(candidates: readonly Candidate[]): Candidate[] {
  const sizes = new Map<string, number>();
  for (const { availabilityZone } of candidates) {
    sizes.set(availabilityZone, (sizes.get(availabilityZone) ?? 0) + 1);
  }
  const free = candidates.filter((candidate) => !candidate.protectedFromScaleIn);
  const most = Math.max(...free.map(({ availabilityZone }) => sizes.get(availabilityZone) ?? 0));
  const zone = free.find(({ availabilityZone }) => sizes.get(availabilityZone) === most)?.availabilityZone;
  return free.filter(({ availabilityZone }) => availabilityZone === zone);
}

function narrow(candidates: readonly Candidate[], policy: string, now: number): Candidate[] {
  switch (policy) {
    case "OldestInstance":
      return lowest(candidates, ({ launchTime }) => launchTime);
    case "NewestInstance":
      return lowest(candidates, ({ launchTime }) => -launchTime);
    case "OldestLaunchConfiguration":
      return oldestConfiguration(candidates);
    case "OldestLaunchTemplate":
      return oldestTemplate(candidates);
    case "ClosestToNextInstanceHour":
      return closestToHour(candidates, now);
    case "Default":
      return closestToHour(oldestTemplate(oldestConfiguration(candidates)), now);
    default:
      // AllocationStrategy: every instance here is an on-demand one of the first type, as it wants.
      return [...candidates];
  }
}

/** Instances of a launch configuration go before those of a template. */
function oldestConfiguration(candidates: readonly Candidate[]): Candidate[] {
  const configured = candidates.filter(({ configurationCreatedAt }) => configurationCreatedAt !== undefined);
  if (configured.length === 0) return [...candidates];
  return lowest(configured, ({ configurationCreatedAt }) => configurationCreatedAt ?? 0);
}

/** Those of a template that is not the group's any more first, then the oldest version. */
function oldestTemplate(candidates: readonly Candidate[]): Candidate[] {
  const foreign = candidates.filter(({ usesCurrentTemplate }) => !usesCurrentTemplate);
  return lowest(foreign.length > 0 ? foreign : candidates, ({ templateVersion }) => templateVersion ?? 0);
}

function closestToHour(candidates: readonly Candidate[], now: number): Candidate[] {
  return lowest(candidates, ({ launchTime }) => HOUR_MS - ((now - launchTime) % HOUR_MS));
}

function lowest(candidates: readonly Candidate[], rank: (candidate: Candidate) => number): Candidate[] {
  const least = Math.min(...candidates.map(rank));
  return candidates.filter((candidate) => rank(candidate) === least);
}
