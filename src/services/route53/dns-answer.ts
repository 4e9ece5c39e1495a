import type * as wire from "@aws-sdk/client-route-53";
import { lookUp } from "../../lib/dns/lookup.ts";
import { indexZones } from "../../lib/dns/zones.ts";
import { nameFault, normaliseName } from "../../model/route53/domain-names.ts";
import { RECORD_TYPES } from "../../model/route53/record-values.ts";
import { compileHostedZone } from "../../store/dns-zones.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum } from "./constraints.ts";
import { invalidInput } from "./errors.ts";
import { requireHostedZone } from "./resolve.ts";

/** What the name servers of a public zone answer. */
export function testDnsAnswer(
  input: wire.TestDNSAnswerRequest,
  context: HandlerContext,
): wire.TestDNSAnswerResponse {
  const zone = requireHostedZone(input.HostedZoneId, context);
  const recordName = input.RecordName ?? "";
  const recordType = checkEnum(input.RecordType, "recordType", RECORD_TYPES);
  const fault = nameFault(recordName);
  if (fault !== undefined) throw invalidInput(fault);
  if (zone.privateZone) throw invalidInput("TestDNSAnswer is only supported for public hosted zones.");
  const index = indexZones([compileHostedZone(context.store, zone, context.scope.region)]);
  const answer = lookUp(index, normaliseName(recordName), recordType, context.random.below);
  return {
    Nameserver: zone.nameServers[0] ?? "",
    RecordName: recordName,
    RecordType: recordType,
    RecordData: answer.answers.map((record) => record.value),
    ResponseCode: answer.code,
    Protocol: "UDP",
  };
}
