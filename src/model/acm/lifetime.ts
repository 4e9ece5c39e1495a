/** How long certificates are valid and when they are renewed (ACM user guide, "Managed certificate renewal"). */
const DAY_MS = 24 * 60 * 60 * 1000;

/** 13 months. */
const VALIDITY_DAYS = 395;
/** ACM begins to renew a certificate 60 days before it ends. */
const RENEWAL_DAYS = 60;
/** A request that is not validated in 72 hours times out. */
export const VALIDATION_TIMEOUT_MS = 72 * 60 * 60 * 1000;

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** From the start of the day (UTC) of issue to the last second of the last day. */
export function newValidity(now: number): Validity {
  const notBefore = Math.floor(now / DAY_MS) * DAY_MS;
  return { notBefore, notAfter: notBefore + VALIDITY_DAYS * DAY_MS - 1000 };
}

export function isDueForRenewal(notAfter: number, now: number): boolean {
  return notAfter - now <= RENEWAL_DAYS * DAY_MS;
}
