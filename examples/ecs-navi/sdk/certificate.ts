/** A certificate for the domain and its subdomains, validated by DNS. */
import {
  type ACMClient,
  DescribeCertificateCommand,
  RequestCertificateCommand,
  type ResourceRecord,
} from "@aws-sdk/client-acm";
import type { Route53Client } from "@aws-sdk/client-route-53";
import { until } from "./until.ts";
import { createRecord } from "./zone.ts";

export async function requestCertificate(acm: ACMClient, domain: string): Promise<string> {
  const { CertificateArn = "" } = await acm.send(
    new RequestCertificateCommand({
      DomainName: domain,
      SubjectAlternativeNames: [`*.${domain}`],
      ValidationMethod: "DNS",
    }),
  );
  return CertificateArn;
}

export async function validateCertificate(
  acm: ACMClient,
  route53: Route53Client,
  CertificateArn: string,
  zoneId: string,
): Promise<void> {
  let record: ResourceRecord | undefined;
  await until("the certificate tells its validation record", 60, async () => {
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    record = Certificate?.DomainValidationOptions?.[0]?.ResourceRecord;
    return record !== undefined;
  });
  await createRecord(route53, zoneId, {
    Name: record?.Name,
    Type: "CNAME",
    TTL: 60,
    ResourceRecords: [{ Value: record?.Value }],
  });
  await until("the certificate is issued", 120, async () => {
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    return Certificate?.Status === "ISSUED";
  });
}
