import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { findSslPolicy, SSL_POLICIES, type SslPolicy } from "../../model/elb/ssl-policies.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOf } from "./constraints.ts";
import { sslPolicyNotFound } from "./errors.ts";
import { onePage } from "./pages.ts";

export function describeSslPolicies(
  input: wire.DescribeSSLPoliciesInput,
  _context: HandlerContext,
): wire.DescribeSSLPoliciesOutput {
  oneOf(input.LoadBalancerType, "loadBalancerType", ["application", "network", "gateway"]);
  const names = [...new Set(input.Names ?? [])];
  const selected = names.length === 0 ? SSL_POLICIES : names.map(requirePolicy);
  const order = new Map(SSL_POLICIES.map((policy, index) => [policy.name, String(index).padStart(3, "0")]));
  const wanted = input.LoadBalancerType === "gateway" ? [] : selected;
  const shown = onePage(wanted, input, (policy) => order.get(policy.name) ?? "");
  return {
    SslPolicies: shown.items.map(describePolicy),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function requirePolicy(name: string): SslPolicy {
  const policy = findSslPolicy(name);
  if (policy === undefined) throw sslPolicyNotFound(name);
  return policy;
}

function describePolicy(policy: SslPolicy): wire.SslPolicy {
  return {
    Name: policy.name,
    SslProtocols: [...policy.protocols],
    Ciphers: policy.ciphers.map((name, index) => ({ Name: name, Priority: index + 1 })),
    SupportedLoadBalancerTypes: ["application", "network"],
  };
}
