/** Whether a listener or rule of a load balancer may forward to the target groups that its actions name. */
import { isApplicationProtocol } from "../../model/elb/attributes.ts";
import type { Action, Listener, LoadBalancer, TargetGroup } from "../../model/elb/records.ts";
import { listenerRules, listeners } from "../../store/tables/elb.ts";
import { loadBalancersOfTargetGroup } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import {
  incompatibleProtocols,
  invalidAction,
  invalidConfiguration,
  targetGroupAssociationLimit,
  tooManyUniqueTargetGroups,
} from "./errors.ts";
import { requireTargetGroup } from "./resolve.ts";

const MOST_TARGET_GROUPS = 100;

/**
 * Throws TargetGroupNotFound, InvalidConfigurationRequest, IncompatibleProtocols, InvalidLoadBalancerAction,
 * TargetGroupAssociationLimit or TooManyUniqueTargetGroupsPerLoadBalancer.
 */
export function checkForwarding(
  context: HandlerContext,
  loadBalancer: LoadBalancer,
  protocol: Listener["protocol"],
  actions: readonly Action[],
): void {
  const groups = forwardedArns(actions).map((arn) => requireTargetGroup(context, arn));
  for (const group of groups) checkGroup(loadBalancer, protocol, group);
  const taken = groups.filter((group) =>
    loadBalancersOfTargetGroup(context.store, group.arn).some((arn) => arn !== loadBalancer.arn),
  );
  if (taken.length > 0) throw targetGroupAssociationLimit(taken.map((group) => group.arn));
  const used = new Set([...groupsOf(context, loadBalancer.arn), ...groups.map((group) => group.arn)]);
  if (used.size > MOST_TARGET_GROUPS) throw tooManyUniqueTargetGroups();
}

function checkGroup(loadBalancer: LoadBalancer, protocol: Listener["protocol"], group: TargetGroup): void {
  if (group.vpcId !== loadBalancer.vpcId) {
    throw invalidConfiguration(
      `The target group '${group.arn}' is in VPC '${group.vpcId}', but the load balancer is in VPC '${loadBalancer.vpcId}'`,
    );
  }
  if (isApplicationProtocol(protocol) !== isApplicationProtocol(group.protocol)) {
    throw incompatibleProtocols(group.arn, protocol, group.protocol);
  }
  const version = group.protocolVersion;
  if (protocol === "HTTP" && (version === "GRPC" || version === "HTTP2")) {
    throw invalidAction(
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${version}'`,
    );
  }
}

export function forwardedArns(actions: readonly Action[]): string[] {
  return actions.flatMap((action) =>
    action.kind === "forward" ? action.targetGroups.map((group) => group.targetGroupArn) : [],
  );
}

function groupsOf(context: HandlerContext, loadBalancerArn: string): string[] {
  const { store } = context;
  return store
    .where(listeners, "loadBalancer", loadBalancerArn)
    .flatMap((listener) => [
      ...forwardedArns(listener.defaultActions),
      ...store.where(listenerRules, "listener", listener.arn).flatMap((rule) => forwardedArns(rule.actions)),
    ]);
}
