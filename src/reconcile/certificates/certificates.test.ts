import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { newValidationRecords } from "../../model/acm/validation.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import { operations as acm } from "../../services/acm/operations.ts";
import { type TestClock, testClock, testContext } from "../../services/testing.ts";
import { certificates } from "../../store/tables/acm.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import { type CertificateAuthority, certificateAuthority, type IssueRequest } from "./authority.ts";
import { createCertificateReconciler } from "./reconciler.ts";

const NOW = Date.now();
const DAY_MS = 24 * 60 * 60 * 1000;

async function withAuthority(
  use: (authority: CertificateAuthority, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "berth-certificates-"));
  try {
    await use(await ensure(directory), directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function ensure(directory: string): Promise<CertificateAuthority> {
  return certificateAuthority.ensure(directory, { clock: testClock(NOW), random: systemRandom });
}

const REQUEST: IssueRequest = {
  commonName: "*.example.com",
  dnsNames: ["*.example.com", "example.com"],
  keyAlgorithm: "EC_prime256v1",
  notBefore: NOW - DAY_MS,
  notAfter: NOW + DAY_MS,
};

test("the authority is made once, with a key that only its owner reads", async () => {
  await withAuthority(async (authority, directory) => {
    assert.equal((await ensure(directory)).certificatePem, authority.certificatePem);
    assert.equal((await stat(join(directory, "certificate-authority.key"))).mode & 0o777, 0o600);
    assert.equal((await stat(authority.certificatePath)).mode & 0o777, 0o644);
    const root = new X509Certificate(authority.certificatePem);
    assert.equal(root.ca, true);
    assert.equal(root.verify(root.publicKey), true);
  });
});

for (const keyAlgorithm of ["RSA_2048", "EC_prime256v1", "EC_secp384r1"]) {
  test(`a TLS client that trusts the authority accepts its ${keyAlgorithm} certificates`, async () => {
    await withAuthority(async (authority) => {
      const issued = await authority.issue({ ...REQUEST, keyAlgorithm });
      const server = tls.createServer({ cert: issued.certificatePem, key: issued.privateKeyPem }, (socket) =>
        socket.end("hello"),
      );
      try {
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address = server.address();
        const port = typeof address === "object" && address !== null ? address.port : assert.fail();
        assert.equal(await readOverTls(port, "www.example.com", authority.certificatePem), "hello");
        await assert.rejects(readOverTls(port, "www.example.org", authority.certificatePem), {
          code: "ERR_TLS_CERT_ALTNAME_INVALID",
        });
      } finally {
        server.close();
      }
    });
  });
}

function readOverTls(port: number, servername: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = tls.connect({ host: "127.0.0.1", port, servername, ca });
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

test("serial, names and times are those asked for", async () => {
  await withAuthority(async (authority) => {
    const issued = await authority.issue(REQUEST);
    const certificate = new X509Certificate(issued.certificatePem);
    assert.equal(certificate.serialNumber.toLowerCase(), issued.serial.replaceAll(":", ""));
    assert.equal(certificate.subjectAltName, "DNS:*.example.com, DNS:example.com");
    assert.equal(Date.parse(certificate.validTo), Math.floor(REQUEST.notAfter / 1000) * 1000);
    assert.equal(certificate.checkIssued(new X509Certificate(authority.certificatePem)), true);
  });
});

/** Issues at once, and remembers for whom. */
function fixture() {
  const clock: TestClock = testClock(NOW);
  const context = testContext({ clock });
  const asked: string[] = [];
  const reconciler = createCertificateReconciler({
    store: context.store,
    clock,
    log: silentLog,
    authority: {
      issue: async (request) => {
        asked.push(request.commonName);
        return {
          certificatePem: `certificate ${asked.length}`,
          chainPem: "chain",
          privateKeyPem: "key",
          serial: "01",
        };
      },
    },
  });
  const request = (DomainName: string, SubjectAlternativeNames: string[] = []) =>
    acm.RequestCertificate({ DomainName, SubjectAlternativeNames, ValidationMethod: "DNS" }, context)
      .CertificateArn ?? assert.fail("no ARN");
  return { context, clock, asked, reconciler, request };
}

function putZone(
  context: ReturnType<typeof testContext>,
  zone: Partial<HostedZone> & { name: string },
): void {
  context.store.transaction((tx) =>
    tx.put(hostedZones, {
      id: `Z${zone.name}`,
      account: "000000000000",
      callerReference: zone.name,
      privateZone: false,
      vpcs: [],
      nameServers: [],
      tags: [],
      ...zone,
    }),
  );
}

/** What Terraform's `aws_route53_record` for the validation options comes to. */
function publish(
  context: ReturnType<typeof testContext>,
  zoneName: string,
  domain: string,
  value?: string,
): void {
  const [record] = newValidationRecords("000000000000", [domain]);
  if (record === undefined) return;
  context.store.transaction((tx) =>
    tx.put(recordSets, {
      zoneId: `Z${zoneName}`,
      name: record.name,
      type: "CNAME",
      ttlSeconds: 60,
      values: [value ?? record.value],
    }),
  );
}

test("a certificate is issued as soon as every name is validated in Route 53, not before", async () => {
  const { context, asked, reconciler, request } = fixture();
  putZone(context, { name: "example.com." });
  putZone(context, { name: "example.org." });
  reconciler.start();
  const arn = request("example.com", ["*.example.com", "www.example.org"]);
  const certificate = () => context.store.get(certificates, arn);
  publish(context, "example.com.", "example.com");
  await reconciler.settled();
  assert.equal(certificate()?.status, "PENDING_VALIDATION");
  assert.deepEqual(
    certificate()?.validationRecords.map((record) => record.validated),
    [true, false],
  );
  publish(context, "example.org.", "www.example.org");
  await reconciler.settled();
  assert.equal(certificate()?.status, "ISSUED");
  assert.equal(certificate()?.issuedAt, NOW);
  assert.equal(certificate()?.certificatePem, "certificate 1");
  assert.deepEqual(asked, ["example.com"]);
  const shown = acm.DescribeCertificate({ CertificateArn: arn }, context).Certificate;
  assert.deepEqual(
    shown?.DomainValidationOptions?.map((option) => option.ValidationStatus),
    ["SUCCESS", "SUCCESS", "SUCCESS"],
  );
  await reconciler.stop();
});

test("neither a private zone, nor another account's, nor another value validates", async () => {
  const { context, asked, reconciler, request } = fixture();
  putZone(context, { name: "private.com.", privateZone: true });
  putZone(context, { name: "foreign.com.", account: "111111111111" });
  putZone(context, { name: "wrong.com." });
  publish(context, "private.com.", "private.com");
  publish(context, "foreign.com.", "foreign.com");
  publish(context, "wrong.com.", "wrong.com", "_elsewhere.acm-validations.aws.");
  for (const domain of ["private.com", "foreign.com", "wrong.com"]) request(domain);
  reconciler.start();
  await reconciler.settled();
  assert.deepEqual(asked, []);
  await reconciler.stop();
});

test("what was requested before a restart is issued after it", async () => {
  const { context, reconciler, request } = fixture();
  const arn = request("example.com");
  putZone(context, { name: "example.com." });
  publish(context, "example.com.", "example.com");
  reconciler.start();
  await reconciler.settled();
  assert.equal(context.store.get(certificates, arn)?.status, "ISSUED");
  await reconciler.stop();
});

test("a request that nobody validates times out after 72 hours", async () => {
  const { context, clock, reconciler, request } = fixture();
  reconciler.start();
  const arn = request("example.com");
  const status = () => context.store.get(certificates, arn)?.status;
  for (const expected of ["PENDING_VALIDATION", "PENDING_VALIDATION", "VALIDATION_TIMED_OUT"]) {
    await reconciler.settled();
    clock.advance(DAY_MS);
    await reconciler.settled();
    assert.equal(status(), expected);
  }
  await reconciler.stop();
});

test("a certificate is renewed under its ARN 60 days before it ends, while its record is in DNS", async () => {
  const { context, clock, asked, reconciler, request } = fixture();
  putZone(context, { name: "example.com." });
  publish(context, "example.com.", "example.com");
  reconciler.start();
  const arn = request("example.com");
  await reconciler.settled();
  const first = context.store.get(certificates, arn);
  for (let day = 1; day <= 333; day++) {
    clock.advance(DAY_MS);
    await reconciler.settled();
  }
  assert.equal(asked.length, 1);
  clock.advance(3 * DAY_MS);
  await reconciler.settled();
  assert.equal(asked.length, 2);
  const renewed = context.store.get(certificates, arn);
  assert.equal(renewed?.certificatePem, "certificate 2");
  assert.ok((renewed?.notAfter ?? 0) > (first?.notAfter ?? 0));
  await reconciler.stop();
});
