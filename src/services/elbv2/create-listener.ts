import { isDeepStrictEqual } from "node:util";
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { initialAttributes, listenerAttributes } from "../../model/elb/attributes.ts";
import { listenerArn } from "../../model/elb/names.ts";
import type { Listener } from "../../model/elb/records.ts";
import { listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkPort } from "./constraints.ts";
import { duplicateListener, tooManyListeners, validationError } from "./errors.ts";
import { checkForwarding } from "./forwarding.ts";
import { readListenerProtocol } from "./listener-protocol.ts";
import {
  readDefaultCertificate,
  readSslPolicy,
  refuseTlsSettings,
  refuseUnsupportedSettings,
} from "./listener-tls.ts";
import { readActions } from "./read-actions.ts";
import { requireLoadBalancer } from "./resolve.ts";
import { readTags, sameTags } from "./tags.ts";
import { describeListener } from "./views/listener.ts";

/** Of a load balancer. */
export const MOST_LISTENERS = 50;

/** A repetition with the same settings answers what is there. */
export function createListener(
  input: wire.CreateListenerInput,
  context: HandlerContext,
): wire.CreateListenerOutput {
  const { store, scope, random } = context;
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  if (input.Port === undefined) throw validationError("A listener port must be specified");
  checkPort(input.Port);
  const protocol = readListenerProtocol(input.Protocol, loadBalancer);
  const tls = readTls(input, protocol, context);
  const defaultActions = readActions(input.DefaultActions, {
    path: "defaultActions",
    listenerProtocol: protocol,
  });
  const tags = readTags(input.Tags);
  const settings = { port: input.Port, protocol, ...tls, defaultActions, tags };
  const others = store.where(listeners, "loadBalancer", loadBalancer.arn);
  const samePort = others.find((listener) => listener.port === input.Port);
  if (samePort !== undefined) {
    if (!isSame(samePort, settings)) throw duplicateListener(loadBalancer.arn);
    return { Listeners: [describeListener(samePort)] };
  }
  if (others.length >= MOST_LISTENERS) throw tooManyListeners();
  checkForwarding(context, loadBalancer, protocol, defaultActions);
  const listener: Listener = {
    ...scope,
    ...settings,
    arn: listenerArn(loadBalancer.arn, random.hex(16)),
    loadBalancerArn: loadBalancer.arn,
    attributes: initialAttributes(listenerAttributes({ protocol })),
  };
  store.transaction((tx) => tx.put(listeners, listener));
  return { Listeners: [describeListener(listener)] };
}

function readTls(
  input: wire.CreateListenerInput,
  protocol: Listener["protocol"],
  context: HandlerContext,
): Pick<Listener, "certificateArns" | "sslPolicy"> {
  refuseUnsupportedSettings(input);
  if (protocol !== "HTTPS") {
    refuseTlsSettings(input, protocol);
    return { certificateArns: [] };
  }
  return {
    certificateArns: [readDefaultCertificate(context, input.Certificates)],
    sslPolicy: readSslPolicy(input.SslPolicy),
  };
}

type Settings = Pick<
  Listener,
  "port" | "protocol" | "sslPolicy" | "certificateArns" | "defaultActions" | "tags"
>;

function isSame(existing: Listener, settings: Settings): boolean {
  return (
    existing.protocol === settings.protocol &&
    existing.sslPolicy === settings.sslPolicy &&
    existing.certificateArns[0] === settings.certificateArns[0] &&
    isDeepStrictEqual(existing.defaultActions, settings.defaultActions) &&
    sameTags(existing.tags, settings.tags)
  );
}
