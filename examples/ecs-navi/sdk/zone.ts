/** The public hosted zone and its alias records. */
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
  type Route53Client,
} from "@aws-sdk/client-route-53";

export async function createZone(route53: Route53Client, name: string): Promise<string> {
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({ Name: name, CallerReference: `${name}-${Date.now()}` }),
  );
  return HostedZone?.Id ?? "";
}

export async function createRecord(
  route53: Route53Client,
  HostedZoneId: string,
  ...records: ResourceRecordSet[]
): Promise<void> {
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId,
      ChangeBatch: {
        Changes: records.map((ResourceRecordSet) => ({ Action: "CREATE", ResourceRecordSet })),
      },
    }),
  );
}

export async function createAliasRecords(
  route53: Route53Client,
  zoneId: string,
  names: readonly string[],
  balancer: { readonly dnsName: string; readonly hostedZoneId: string },
): Promise<void> {
  const records = names.map(
    (Name): ResourceRecordSet => ({
      Name,
      Type: "A",
      AliasTarget: {
        DNSName: balancer.dnsName,
        HostedZoneId: balancer.hostedZoneId,
        EvaluateTargetHealth: false,
      },
    }),
  );
  await createRecord(route53, zoneId, ...records);
}
