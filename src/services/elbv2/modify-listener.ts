import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { initialAttributes, listenerAttributes } from "../../model/elb/attributes.ts";
import type { Listener, LoadBalancer } from "../../model/elb/records.ts";
import { listenerRules, listeners, loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkPort } from "./constraints.ts";
import { duplicateListener, loadBalancerNotFound } from "./errors.ts";
import { checkForwarding } from "./forwarding.ts";
import { readListenerProtocol } from "./listener-protocol.ts";
import {
  readDefaultCertificate,
  readSslPolicy,
  refuseTlsSettings,
  refuseUnsupportedSettings,
} from "./listener-tls.ts";
import { readActions } from "./read-actions.ts";
import { requireListener } from "./resolve.ts";
import { describeListener } from "./views/listener.ts";

/** Properties that the caller does not name stay. */
export function modifyListener(
  input: wire.ModifyListenerInput,
  context: HandlerContext,
): wire.ModifyListenerOutput {
  const { store } = context;
  const listener = requireListener(context, input.ListenerArn);
  const loadBalancer = store.get(loadBalancers, listener.loadBalancerArn);
  if (loadBalancer === undefined) throw loadBalancerNotFound(listener.loadBalancerArn);
  checkPort(input.Port);
  const port = input.Port ?? listener.port;
  checkPortIsFree(context, listener, port);
  const protocol =
    input.Protocol === undefined ? listener.protocol : readListenerProtocol(input.Protocol, loadBalancer);
  const tls = readTls(input, listener, protocol, context);
  const defaultActions =
    input.DefaultActions === undefined
      ? listener.defaultActions
      : readActions(input.DefaultActions, { path: "defaultActions", listenerProtocol: protocol });
  checkActions(context, loadBalancer, { ...listener, protocol, defaultActions });
  const { sslPolicy: _, ...rest } = listener;
  const changed: Listener = {
    ...rest,
    ...tls,
    port,
    protocol,
    defaultActions,
    attributes: keptAttributes(listener, protocol),
  };
  store.transaction((tx) => tx.put(listeners, changed));
  return { Listeners: [describeListener(changed)] };
}

function checkPortIsFree(context: HandlerContext, listener: Listener, port: number): void {
  const taken = context.store
    .where(listeners, "loadBalancer", listener.loadBalancerArn)
    .some((other) => other.arn !== listener.arn && other.port === port);
  if (taken) throw duplicateListener(listener.loadBalancerArn);
}

/** From HTTPS to HTTP, policy and certificates go; the other way they must be named. */
function readTls(
  input: wire.ModifyListenerInput,
  listener: Listener,
  protocol: Listener["protocol"],
  context: HandlerContext,
): Pick<Listener, "certificateArns" | "sslPolicy"> {
  refuseUnsupportedSettings(input);
  if (protocol !== "HTTPS") {
    refuseTlsSettings(input, protocol);
    return { certificateArns: [] };
  }
  const staysHttps = listener.protocol === "HTTPS";
  const [defaultCertificate, ...others] = listener.certificateArns;
  const named =
    staysHttps && input.Certificates === undefined && defaultCertificate !== undefined
      ? defaultCertificate
      : readDefaultCertificate(context, input.Certificates);
  return {
    certificateArns: [named, ...others.filter((arn) => arn !== named)],
    sslPolicy:
      staysHttps && input.SslPolicy === undefined && listener.sslPolicy !== undefined
        ? listener.sslPolicy
        : readSslPolicy(input.SslPolicy),
  };
}

/** The listener's own actions, and those of its rules when the protocol under them changes. */
function checkActions(context: HandlerContext, loadBalancer: LoadBalancer, changed: Listener): void {
  checkForwarding(context, loadBalancer, changed.protocol, changed.defaultActions);
  for (const rule of context.store.where(listenerRules, "listener", changed.arn)) {
    checkForwarding(context, loadBalancer, changed.protocol, rule.actions);
  }
}

function keptAttributes(listener: Listener, protocol: Listener["protocol"]): Record<string, string> {
  const initial = initialAttributes(listenerAttributes({ protocol }));
  return Object.fromEntries(
    Object.entries(initial).map(([key, value]) => [key, listener.attributes[key] ?? value]),
  );
}
