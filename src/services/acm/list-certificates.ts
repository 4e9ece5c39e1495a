import type * as wire from "@aws-sdk/client-acm";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkRange, oneOf } from "./constraints.ts";
import { invalidArgs } from "./errors.ts";
import { summarizeCertificate } from "./views.ts";

const LARGEST_PAGE = 1000;
/** What is listed when the caller names no key types (API reference, "Filters"). */
const DEFAULT_KEY_TYPES = ["RSA_1024", "RSA_2048"];

export function listCertificates(
  input: wire.ListCertificatesRequest,
  context: HandlerContext,
): wire.ListCertificatesResponse {
  const { store, scope, clock } = context;
  checkRange(input.MaxItems, "maxItems", 1, LARGEST_PAGE);
  checkSorting(input);
  const summaries = store
    .where(certificates, "scope", `${scope.account}/${scope.region}`)
    .map((certificate) => summarizeCertificate(store, certificate, clock.now()))
    .filter((summary) => isWanted(summary, input));
  const shown = page(summaries, {
    token: input.NextToken,
    limit: input.MaxItems ?? LARGEST_PAGE,
    key: (summary) => sortKey(summary, input.SortOrder === "DESCENDING"),
    invalidToken: () => invalidArgs("The NextToken is not valid."),
  });
  return {
    CertificateSummaryList: shown.items,
    ...(shown.nextToken === undefined ? {} : { NextToken: shown.nextToken }),
  };
}

function checkSorting(input: wire.ListCertificatesRequest): void {
  oneOf(input.SortBy, "sortBy", ["CREATED_AT"]);
  oneOf(input.SortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
    throw invalidArgs("SortBy and SortOrder must be specified together.");
  }
}

/** By time of creation, then ARN; digits of fixed length, counted down for the newest first. */
function sortKey(summary: wire.CertificateSummary, newestFirst: boolean): string {
  const time = summary.CreatedAt?.getTime() ?? 0;
  const shown = newestFirst ? 9_999_999_999_999 - time : time;
  return `${String(shown).padStart(13, "0")}|${summary.CertificateArn}`;
}

function isWanted(summary: wire.CertificateSummary, input: wire.ListCertificatesRequest): boolean {
  const { keyTypes, keyUsage, extendedKeyUsage } = input.Includes ?? {};
  const statuses = input.CertificateStatuses ?? [];
  return (
    (statuses.length === 0 || includes(statuses, summary.Status)) &&
    includes(keyTypes ?? DEFAULT_KEY_TYPES, summary.KeyAlgorithm) &&
    includesAll(keyUsage, summary.KeyUsages) &&
    includesAll(extendedKeyUsage, summary.ExtendedKeyUsages)
  );
}

function includes(values: readonly string[], value: string | undefined): boolean {
  return value !== undefined && values.includes(value);
}

function includesAll(wanted: readonly string[] | undefined, present: readonly string[] | undefined): boolean {
  return (wanted ?? []).every((value) => value === "ANY" || (present ?? []).includes(value));
}
