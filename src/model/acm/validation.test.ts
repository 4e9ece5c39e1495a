import assert from "node:assert/strict";
import { test } from "node:test";
import { newValidity } from "./lifetime.ts";
import { newValidationRecords, validationRecordOf } from "./validation.ts";

test("a wildcard and its apex share one record of AWS's form", () => {
  const records = newValidationRecords("000000000000", ["example.com", "*.example.com", "www.example.org"]);
  assert.deepEqual(
    records.map((record) => record.domainName),
    ["example.com", "www.example.org"],
  );
  assert.match(records[0]?.name ?? "", /^_[0-9a-f]{32}\.example\.com\.$/);
  assert.match(records[0]?.value ?? "", /^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/);
  const certificate = { validationRecords: records };
  assert.equal(
    validationRecordOf(certificate, "*.example.com"),
    validationRecordOf(certificate, "example.com"),
  );
});

test("an account always gets the same record for a domain, and another account another", () => {
  const [record] = newValidationRecords("000000000000", ["example.com"]);
  assert.deepEqual(newValidationRecords("000000000000", ["Example.com"])[0], record);
  assert.notEqual(newValidationRecords("111111111111", ["example.com"])[0]?.name, record?.name);
});

test("a certificate is valid for 395 whole days from the day of its issue", () => {
  const { notBefore, notAfter } = newValidity(Date.UTC(2026, 0, 10, 15, 30));
  assert.equal(new Date(notBefore).toISOString(), "2026-01-10T00:00:00.000Z");
  assert.equal(new Date(notAfter).toISOString(), "2027-02-08T23:59:59.000Z");
});
