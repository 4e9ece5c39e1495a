import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { isKnownListenerAttribute, listenerAttributes } from "../../model/elb/attributes.ts";
import type { Listener } from "../../model/elb/records.ts";
import { listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { describeAttributes, readAttributes } from "./attributes.ts";
import { requireListener } from "./resolve.ts";

export function describeListenerAttributes(
  input: wire.DescribeListenerAttributesInput,
  context: HandlerContext,
): wire.DescribeListenerAttributesOutput {
  return { Attributes: shown(requireListener(context, input.ListenerArn)) };
}

export function modifyListenerAttributes(
  input: wire.ModifyListenerAttributesInput,
  context: HandlerContext,
): wire.ModifyListenerAttributesOutput {
  const listener = requireListener(context, input.ListenerArn);
  const changes = readAttributes(input.Attributes, {
    noun: "Listener",
    attributes: listenerAttributes(listener),
    isKnown: isKnownListenerAttribute,
    unsupportedBy: `listeners with the ${listener.protocol} protocol`,
  });
  const changed: Listener = { ...listener, attributes: { ...listener.attributes, ...changes } };
  context.store.transaction((tx) => tx.put(listeners, changed));
  return { Attributes: shown(changed) };
}

function shown(listener: Listener): wire.ListenerAttribute[] {
  return describeAttributes(listenerAttributes(listener), listener.attributes);
}
