import type * as wire from "@aws-sdk/client-ec2";
import type { InternetGateway } from "../../../model/ec2/records.ts";
import { describeTagList } from "../tagging.ts";

/** EC2 says "available" of an attached gateway, although the API's type has "attached". */
export const ATTACHED = "available";

export function describeInternetGateway(gateway: InternetGateway): wire.InternetGateway {
  return {
    InternetGatewayId: gateway.internetGatewayId,
    OwnerId: gateway.account,
    Attachments:
      gateway.vpcId === undefined
        ? []
        : // The SDK's enum lacks the value that the service gives.
          [{ VpcId: gateway.vpcId, State: ATTACHED as wire.AttachmentStatus }],
    Tags: describeTagList(gateway.tags),
  };
}
