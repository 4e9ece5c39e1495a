/**
 * Issues requested certificates when their validation records are in Route 53, renews them before they end, and
 * gives up on requests that nobody validates.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { isDueForRenewal, newValidity, VALIDATION_TIMEOUT_MS } from "../../model/acm/lifetime.ts";
import type { Certificate } from "../../model/acm/records.ts";
import type { Store } from "../../store/store.ts";
import { certificates } from "../../store/tables/acm.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import type { CertificateAuthority } from "./authority.ts";
import { isPublished, validatedRecords } from "./validation.ts";

export interface CertificateReconcilerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: Pick<CertificateAuthority, "issue">;
}

export interface CertificateReconciler {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is left to do now; for tests. */
  settled(): Promise<void>;
}

/** How long to wait at most before looking again; timers cannot run for months. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

export function createCertificateReconciler(
  dependencies: CertificateReconcilerDependencies,
): CertificateReconciler {
  const { store, clock, log } = dependencies;
  const controller = new Controller({
    name: "certificates",
    clock,
    log,
    concurrency: 2,
    reconcile: (arn) => reconcile(dependencies, arn),
  });
  const enqueuePending = () => {
    for (const certificate of store.where(certificates, "status", "PENDING_VALIDATION")) {
      controller.enqueue(certificate.arn);
    }
  };
  return {
    start() {
      store.onChange(certificates, ({ key, after }) => {
        if (after !== undefined) controller.enqueue(key);
      });
      store.onChange(recordSets, ({ after }) => {
        if (after?.type === "CNAME") enqueuePending();
      });
      store.onChange(hostedZones, enqueuePending);
      for (const certificate of store.list(certificates)) controller.enqueue(certificate.arn);
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

async function reconcile(
  dependencies: CertificateReconcilerDependencies,
  arn: string,
): Promise<ReconcileResult | undefined> {
  const certificate = dependencies.store.get(certificates, arn);
  if (certificate === undefined || certificate.type !== "AMAZON_ISSUED") return undefined;
  if (certificate.status === "PENDING_VALIDATION") return validate(dependencies, certificate);
  if (certificate.status === "ISSUED") return renew(dependencies, certificate);
  return undefined;
}

async function validate(
  dependencies: CertificateReconcilerDependencies,
  certificate: Certificate,
): Promise<ReconcileResult | undefined> {
  const { store, clock, log } = dependencies;
  const validationRecords =
    certificate.validationMethod === "DNS"
      ? validatedRecords(store, certificate)
      : certificate.validationRecords;
  if (validationRecords.every((record) => record.validated)) {
    await issue(dependencies, certificate);
    return undefined;
  }
  const remainingMs = certificate.createdAt + VALIDATION_TIMEOUT_MS - clock.now();
  if (remainingMs <= 0) {
    log.info("certificate was not validated in time", { certificate: certificate.arn });
    store.transaction((tx) =>
      tx.put(certificates, { ...certificate, validationRecords, status: "VALIDATION_TIMED_OUT" }),
    );
    return undefined;
  }
  const foundMore = validationRecords.some(
    (record, index) => record.validated !== certificate.validationRecords[index]?.validated,
  );
  if (foundMore) store.transaction((tx) => tx.put(certificates, { ...certificate, validationRecords }));
  return { againAfterMs: Math.min(remainingMs, LONGEST_WAIT_MS) };
}

/** Renewed under the same ARN, if its records are still in DNS, as ACM does. */
async function renew(
  dependencies: CertificateReconcilerDependencies,
  certificate: Certificate,
): Promise<ReconcileResult | undefined> {
  const { store, clock } = dependencies;
  const notAfter = certificate.notAfter ?? 0;
  const isPublic = certificate.validationRecords.every((record) =>
    isPublished(store, certificate.account, record),
  );
  if (isDueForRenewal(notAfter, clock.now()) && isPublic) await issue(dependencies, certificate);
  return { againAfterMs: LONGEST_WAIT_MS };
}

async function issue(dependencies: CertificateReconcilerDependencies, asked: Certificate): Promise<void> {
  const { store, clock, log, authority } = dependencies;
  const validity = newValidity(clock.now());
  const issued = await authority.issue({
    commonName: asked.domainName,
    dnsNames: asked.subjectAlternativeNames,
    keyAlgorithm: asked.keyAlgorithm,
    ...validity,
  });
  // Keys take a while: the certificate may have been deleted or tagged meanwhile.
  const current = store.get(certificates, asked.arn);
  if (current === undefined) return;
  store.transaction((tx) =>
    tx.put(certificates, {
      ...current,
      ...validity,
      ...issued,
      status: "ISSUED",
      issuedAt: current.issuedAt ?? clock.now(),
      validationRecords: current.validationRecords.map((record) => ({ ...record, validated: true })),
    }),
  );
  log.info("certificate issued", { certificate: asked.arn, domain: asked.domainName });
}
