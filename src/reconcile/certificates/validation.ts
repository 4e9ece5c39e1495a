/** Which of a certificate's validation records are in DNS: pure questions to the store. */
import type { Certificate } from "../../model/acm/records.ts";
import type { ValidationRecord } from "../../model/acm/validation.ts";
import type { StoreReader } from "../../store/store.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";

/** The certificate's records, each marked with whether it is found. One found once stays validated. */
export function validatedRecords(store: StoreReader, certificate: Certificate): readonly ValidationRecord[] {
  return certificate.validationRecords.map((record) => ({
    ...record,
    validated: record.validated || isPublished(store, certificate.account, record),
  }));
}

/** In a public zone of the account: the world, and so ACM, does not see private ones. */
export function isPublished(store: StoreReader, account: string, record: ValidationRecord): boolean {
  const name = record.name.toLowerCase();
  return store
    .where(hostedZones, "account", account)
    .filter((zone) => !zone.privateZone && name.endsWith(`.${zone.name}`))
    .flatMap((zone) => store.where(recordSets, "zone", zone.id))
    .some(
      (set) =>
        set.type === "CNAME" &&
        set.name === name &&
        set.values.some((value) => withDot(value.toLowerCase()) === record.value),
    );
}

function withDot(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}
