import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-acm";
import type { Certificate } from "../../model/acm/records.ts";
import { certificates } from "../../store/tables/acm.ts";
import { listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const UNKNOWN = "arn:aws:acm:ap-northeast-1:000000000000:certificate/00000000-0000-0000-0000-000000000000";

function request(context: HandlerContext, change: Partial<wire.RequestCertificateRequest> = {}): string {
  const output = operations.RequestCertificate(
    { DomainName: "example.com", ValidationMethod: "DNS", ...change },
    context,
  );
  return output.CertificateArn ?? assert.fail("no ARN");
}

function put(context: HandlerContext, arn: string, change: Partial<Certificate>): void {
  const before = context.store.get(certificates, arn) ?? assert.fail("no certificate");
  context.store.transaction((tx) => tx.put(certificates, { ...before, ...change }));
}

function useInListener(context: HandlerContext, certificateArn: string): void {
  context.store.transaction((tx) =>
    tx.put(listeners, {
      ...context.scope,
      arn: "listener",
      loadBalancerArn: "balancer",
      port: 443,
      protocol: "HTTPS",
      certificateArns: [certificateArn],
      defaultActions: [],
      attributes: {},
      tags: [],
    }),
  );
}

test("a requested certificate waits for validation, with a record for each name", () => {
  const context = testContext();
  const CertificateArn = request(context, { SubjectAlternativeNames: ["*.example.com", "example.com"] });
  assert.match(CertificateArn, /^arn:aws:acm:ap-northeast-1:000000000000:certificate\/[0-9a-f-]{36}$/);
  const { Certificate: shown } = operations.DescribeCertificate({ CertificateArn }, context);
  assert.equal(shown?.Status, "PENDING_VALIDATION");
  assert.equal(shown?.Type, "AMAZON_ISSUED");
  assert.equal(shown?.KeyAlgorithm, "RSA_2048");
  assert.deepEqual(shown?.SubjectAlternativeNames, ["example.com", "*.example.com"]);
  const [apex, wildcard] = shown?.DomainValidationOptions ?? [];
  assert.equal(apex?.DomainName, "example.com");
  assert.equal(apex?.ValidationStatus, "PENDING_VALIDATION");
  assert.equal(wildcard?.DomainName, "*.example.com");
  assert.deepEqual(wildcard?.ResourceRecord, apex?.ResourceRecord);
  assert.equal(apex?.ResourceRecord?.Type, "CNAME");
});

test("a token makes a repetition within the hour answer the same certificate", () => {
  const context = testContext();
  const first = request(context, { IdempotencyToken: "abc" });
  assert.equal(request(context, { IdempotencyToken: "abc" }), first);
  assert.notEqual(request(context, { IdempotencyToken: "abc", DomainName: "example.org" }), first);
  assert.notEqual(request(context), first);
});

test("wrong requests are refused with the service's texts", () => {
  const context = testContext();
  assert.throws(() => request(context, { DomainName: "under_score.com" }), {
    name: "ValidationException",
    message:
      "1 validation error detected: Value 'under_score.com' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: (\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])",
  });
  assert.throws(() => request(context, { DomainName: `${"a".repeat(60)}.example.com` }), {
    name: "InvalidDomainValidationOptionsException",
  });
  assert.throws(() => request(context, { KeyAlgorithm: "RSA_1024" }), { name: "InvalidParameterException" });
  assert.throws(() => request(context, { Tags: [{ Key: "aws:x" }] }), { name: "InvalidTagException" });
  assert.throws(() => operations.DescribeCertificate({ CertificateArn: UNKNOWN }, context), {
    name: "ResourceNotFoundException",
    message: `Could not find certificate ${UNKNOWN} in account 000000000000.`,
  });
});

test("a certificate that a listener uses names its load balancer and cannot be deleted", () => {
  const context = testContext();
  const CertificateArn = request(context);
  useInListener(context, CertificateArn);
  assert.deepEqual(operations.DescribeCertificate({ CertificateArn }, context).Certificate?.InUseBy, [
    "balancer",
  ]);
  assert.throws(() => operations.DeleteCertificate({ CertificateArn }, context), {
    name: "ResourceInUseException",
    message: `Certificate ${CertificateArn} in account 000000000000 is in use.`,
  });
  context.store.transaction((tx) => tx.delete(listeners, "listener"));
  operations.DeleteCertificate({ CertificateArn }, context);
  assert.throws(() => operations.DeleteCertificate({ CertificateArn }, context), {
    name: "ResourceNotFoundException",
  });
});

test("the certificate can be read once it is issued, the key never", () => {
  const context = testContext();
  const CertificateArn = request(context);
  assert.throws(() => operations.GetCertificate({ CertificateArn }, context), {
    name: "RequestInProgressException",
  });
  put(context, CertificateArn, {
    status: "ISSUED",
    certificatePem: "PEM",
    chainPem: "CHAIN",
    privateKeyPem: "SECRET",
  });
  assert.deepEqual(operations.GetCertificate({ CertificateArn }, context), {
    Certificate: "PEM",
    CertificateChain: "CHAIN",
  });
  const shown = JSON.stringify([
    operations.DescribeCertificate({ CertificateArn }, context),
    operations.ListCertificates({}, context),
  ]);
  assert.equal(shown.includes("SECRET"), false);
});

test("lists show RSA certificates unless asked for others, by status and page", () => {
  const context = testContext();
  const rsa = request(context);
  const ec = request(context, { KeyAlgorithm: "EC_prime256v1" });
  const arns = (input: wire.ListCertificatesRequest) =>
    operations.ListCertificates(input, context).CertificateSummaryList?.map((item) => item.CertificateArn);
  assert.deepEqual(arns({}), [rsa]);
  assert.deepEqual(arns({ Includes: { keyTypes: ["EC_prime256v1"] } }), [ec]);
  assert.deepEqual(arns({ CertificateStatuses: ["ISSUED"] }), []);
  const both = { Includes: { keyTypes: ["RSA_2048", "EC_prime256v1"] }, MaxItems: 1 } as const;
  const first = operations.ListCertificates(
    { ...both, Includes: { keyTypes: [...both.Includes.keyTypes] } },
    context,
  );
  assert.equal(first.CertificateSummaryList?.length, 1);
  assert.ok(first.NextToken);
  assert.throws(() => arns({ NextToken: "foreign" }), { name: "InvalidArgsException" });
});

test("tags are merged by key, and taken away by key or by key and value", () => {
  const context = testContext();
  const CertificateArn = request(context, { Tags: [{ Key: "a", Value: "1" }] });
  const tags = () => operations.ListTagsForCertificate({ CertificateArn }, context).Tags;
  operations.AddTagsToCertificate(
    {
      CertificateArn,
      Tags: [
        { Key: "a", Value: "2" },
        { Key: "b", Value: "3" },
      ],
    },
    context,
  );
  operations.RemoveTagsFromCertificate(
    { CertificateArn, Tags: [{ Key: "a", Value: "1" }, { Key: "b" }] },
    context,
  );
  assert.deepEqual(tags(), [{ Key: "a", Value: "2" }]);
});

test("a public certificate cannot be renewed by hand, and no mail is resent for DNS validation", () => {
  const context = testContext();
  const CertificateArn = request(context);
  assert.throws(() => operations.RenewCertificate({ CertificateArn }, context), {
    message: `Certificate ARN: ${CertificateArn} is not a private certificate`,
  });
  assert.throws(
    () =>
      operations.ResendValidationEmail(
        { CertificateArn, Domain: "example.com", ValidationDomain: "example.com" },
        context,
      ),
    { name: "InvalidStateException" },
  );
});
