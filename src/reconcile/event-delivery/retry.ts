/**
 * When an event that did not reach its target is tried again (EventBridge user guide, "How EventBridge retries
 * delivering events"): with exponential back-off and jitter, for 24 hours and up to 185 times unless the target says
 * otherwise.
 */
import type { RetryPolicy } from "@aws-sdk/client-eventbridge";

const MOST_RETRIES = 185;
const LONGEST_AGE_S = 24 * 60 * 60;
/** EventBridge does not publish its times. 185 retries of at most twelve minutes and some fill 24 hours. */
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 12 * 60 * 1000;

export interface RetryState {
  readonly retries: number;
  /** Since the first attempt. */
  readonly ageMs: number;
}

export function mayRetry(policy: RetryPolicy | undefined, { retries, ageMs }: RetryState): boolean {
  const most = policy?.MaximumRetryAttempts ?? MOST_RETRIES;
  const longest = policy?.MaximumEventAgeInSeconds ?? LONGEST_AGE_S;
  return retries < most && ageMs < longest * 1000;
}

/** Between half and the whole of a time that doubles. */
export function retryDelayMs(retries: number, below: (bound: number) => number): number {
  const most = Math.min(FIRST_DELAY_MS * 2 ** retries, LONGEST_DELAY_MS);
  return most / 2 + below(most / 2);
}
