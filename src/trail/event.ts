/** The event of a call, as CloudTrail writes it ("CloudTrail record contents for management events"). */

import type { RecordedCall } from "../gateway/call-recorder.ts";
import type { Json, RecordedParameters } from "../gateway/recorded-parameters.ts";
import type { StoreReader } from "../store/store.ts";
import type { TrailCall } from "../store/trail-store.ts";
import { errorCodeOf, eventRegionOf, eventSourceOf, isReadOnly, showsResponse } from "./event-kinds.ts";
import { resourcesOf, ruleArns } from "./resources.ts";
import { identityOf } from "./user-identity.ts";

const EVENT_VERSION = "1.11";
/** Larger fields are left out of an event. */
const LARGEST_FIELD_CHARACTERS = 100 * 1024;
/** Of `userAgent` and `errorMessage`; more is cut off (user guide, "CloudTrail record contents"). */
const LONGEST_TEXT = 1024;
/** Shorter secrets are not looked for in error messages: they would take ordinary words with them. */
const SHORTEST_SECRET = 4;

/** Without its time and its ids, so that the same call made again gives the same. */
export function newTrailCall(store: StoreReader, call: RecordedCall): TrailCall {
  const { service, operation, scope, caller, error } = call;
  const { element: userIdentity, username } = identityOf(store, scope.account, caller);
  const readOnly = isReadOnly(service, operation);
  const request = shownRequest(call);
  const { parameters } = request;
  const response =
    error === undefined && showsResponse(service, operation) ? call.response().parameters : null;
  const region = eventRegionOf(service, scope);
  const eventSource = eventSourceOf(service);
  const errorCode = error === undefined ? undefined : errorCodeOf(service, error);
  const ownResources = parameters === null ? undefined : resourceElements(store, call);
  const body = {
    eventSource,
    eventName: operation,
    awsRegion: region,
    sourceIPAddress: call.sourceIp ?? "",
    userAgent: (call.userAgent ?? "").slice(0, LONGEST_TEXT),
    ...(errorCode === undefined ? {} : { errorCode, errorMessage: errorMessage(call, request) }),
    requestParameters: limited("requestParameters", parameters),
    responseElements: limited("responseElements", response),
  };
  const tail = {
    readOnly,
    ...(ownResources === undefined ? {} : { resources: ownResources }),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: scope.account,
    eventCategory: "Management",
  };
  return {
    account: scope.account,
    region,
    readOnly,
    eventName: operation,
    eventSource,
    username,
    accessKeyId: caller.accessKeyId,
    errorCode,
    resources: parameters === null ? [] : resourcesOf(store, call, [parameters, response]),
    record: {
      head: `{"eventVersion":"${EVENT_VERSION}","userIdentity":${JSON.stringify(userIdentity)},"eventTime":"`,
      body: `",${JSON.stringify(body).slice(1, -1)},"requestID":"`,
      tail: `,${JSON.stringify(tail).slice(1)}`,
    },
  };
}

/** Of a call that IAM refused at the door only EC2 tells the parameters (published events). */
function shownRequest(call: RecordedCall): RecordedParameters {
  const { parameters, hidden } = call.request();
  return call.error?.denied === true && call.service !== "ec2"
    ? { parameters: null, hidden }
    : { parameters, hidden };
}

/** An error may quote what it refused. */
function errorMessage({ error }: RecordedCall, { hidden }: RecordedParameters): string {
  return hidden
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((text, secret) => text.replaceAll(secret, "HIDDEN_DUE_TO_SECURITY_REASONS"), error?.message ?? "")
    .slice(0, LONGEST_TEXT);
}

/** The services whose events name their resources themselves; `type` is STS's alone (published events). */
function resourceElements(store: StoreReader, call: RecordedCall): Json[] | undefined {
  if (!["ecr", "ssm", "sts"].includes(call.service)) return undefined;
  const accountId = call.scope.account;
  const roleArn = call.input?.["RoleArn"];
  const arns = typeof roleArn === "string" ? [roleArn] : ruleArns(store, call);
  const elements = arns.map((ARN) =>
    call.service === "sts" ? { ARN, accountId, type: "AWS::IAM::Role" } : { ARN, accountId },
  );
  return elements.length === 0 ? undefined : elements;
}

function limited(field: string, value: { readonly [name: string]: Json } | null): Json {
  if (value === null) return null;
  const size = JSON.stringify(value).length;
  if (size <= LARGEST_FIELD_CHARACTERS) return value;
  return { omitted: true, originalSize: size, reason: `${field} too large` };
}
