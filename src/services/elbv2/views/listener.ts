import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Listener } from "../../../model/elb/records.ts";
import { describeActions } from "./actions.ts";

export function describeListener(listener: Listener): wire.Listener {
  const [defaultCertificate] = listener.certificateArns;
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    ...(defaultCertificate === undefined ? {} : { Certificates: [{ CertificateArn: defaultCertificate }] }),
    ...(listener.sslPolicy === undefined ? {} : { SslPolicy: listener.sslPolicy }),
    DefaultActions: describeActions(listener.defaultActions),
    ...(listener.protocol === "HTTPS" ? { MutualAuthentication: { Mode: "off" } } : {}),
  };
}
