/** ModifyVpcAttribute and DescribeVpcAttribute. */
import type * as wire from "@aws-sdk/client-ec2";
import { vpcs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { givenAttributes } from "./constraints.ts";
import { missingParameter, multipleAttributes, noAttributes, unknownAttribute } from "./errors.ts";
import { requireVpc } from "./resolve.ts";

export function modifyVpcAttribute(input: wire.ModifyVpcAttributeRequest, context: HandlerContext): object {
  const vpc = requireVpc(context, input.VpcId);
  const given = {
    enableDnsSupport: input.EnableDnsSupport?.Value,
    enableDnsHostnames: input.EnableDnsHostnames?.Value,
    enableNetworkAddressUsageMetrics: input.EnableNetworkAddressUsageMetrics?.Value,
  };
  const names = givenAttributes(given);
  if (names.length === 0) throw noAttributes();
  if (names.length > 1) throw multipleAttributes(names);
  context.store.transaction((tx) =>
    tx.put(vpcs, {
      ...vpc,
      enableDnsSupport: given.enableDnsSupport ?? vpc.enableDnsSupport,
      enableDnsHostnames: given.enableDnsHostnames ?? vpc.enableDnsHostnames,
      enableNetworkAddressUsageMetrics:
        given.enableNetworkAddressUsageMetrics ?? vpc.enableNetworkAddressUsageMetrics,
    }),
  );
  return {};
}

export function describeVpcAttribute(
  input: wire.DescribeVpcAttributeRequest,
  context: HandlerContext,
): wire.DescribeVpcAttributeResult {
  if (input.Attribute === undefined) throw missingParameter("attribute");
  const vpc = requireVpc(context, input.VpcId);
  switch (input.Attribute) {
    case "enableDnsSupport":
      return { VpcId: vpc.vpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
    case "enableDnsHostnames":
      return { VpcId: vpc.vpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
    case "enableNetworkAddressUsageMetrics":
      return {
        VpcId: vpc.vpcId,
        EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics },
      };
    default:
      throw unknownAttribute(input.Attribute);
  }
}
