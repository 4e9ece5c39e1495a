/** The certificates of an HTTPS listener beside its default one, chosen by the name that a client asks for. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Listener } from "../../model/elb/records.ts";
import { listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList } from "./constraints.ts";
import { operationNotPermitted, tooManyCertificates, validationError } from "./errors.ts";
import { requireCertificate } from "./listener-tls.ts";
import { onePage } from "./pages.ts";
import { requireListener } from "./resolve.ts";

/** Of a load balancer, without the listeners' default ones. */
const MOST_CERTIFICATES = 25;

/** One that is there already is not added again. */
export function addListenerCertificates(
  input: wire.AddListenerCertificatesInput,
  context: HandlerContext,
): wire.AddListenerCertificatesOutput {
  const { store } = context;
  const listener = requireTlsListener(context, input.ListenerArn);
  const named = requireList(input.Certificates, "certificates").map((certificate) => {
    if (certificate.IsDefault !== undefined) {
      throw validationError("You cannot set the isDefault parameter for a certificate");
    }
    return requireCertificate(context, certificate.CertificateArn);
  });
  const certificateArns = [...new Set([...listener.certificateArns, ...named])];
  const elsewhere = store
    .where(listeners, "loadBalancer", listener.loadBalancerArn)
    .filter((other) => other.arn !== listener.arn)
    .reduce((sum, other) => sum + Math.max(other.certificateArns.length - 1, 0), 0);
  if (elsewhere + certificateArns.length - 1 > MOST_CERTIFICATES) throw tooManyCertificates();
  store.transaction((tx) => tx.put(listeners, { ...listener, certificateArns }));
  return { Certificates: named.map((arn) => ({ CertificateArn: arn, IsDefault: false })) };
}

/** One that is not there is a success; the default one cannot be removed. */
export function removeListenerCertificates(
  input: wire.RemoveListenerCertificatesInput,
  context: HandlerContext,
): wire.RemoveListenerCertificatesOutput {
  const listener = requireTlsListener(context, input.ListenerArn);
  const removed = requireList(input.Certificates, "certificates").map(
    (certificate) => certificate.CertificateArn ?? "",
  );
  const [defaultCertificate] = listener.certificateArns;
  if (defaultCertificate !== undefined && removed.includes(defaultCertificate)) {
    throw operationNotPermitted("Default certificate cannot be removed");
  }
  const certificateArns = listener.certificateArns.filter((arn) => !removed.includes(arn));
  context.store.transaction((tx) => tx.put(listeners, { ...listener, certificateArns }));
  return {};
}

/** The default one first. */
export function describeListenerCertificates(
  input: wire.DescribeListenerCertificatesInput,
  context: HandlerContext,
): wire.DescribeListenerCertificatesOutput {
  const listener = requireListener(context, input.ListenerArn);
  const entries = listener.certificateArns.map((arn, index) => ({ arn, index }));
  const shown = onePage(entries, input, ({ index }) => String(index).padStart(3, "0"));
  return {
    Certificates: shown.items.map(({ arn, index }) => ({ CertificateArn: arn, IsDefault: index === 0 })),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function requireTlsListener(context: HandlerContext, arn: string | undefined): Listener {
  const listener = requireListener(context, arn);
  if (listener.protocol !== "HTTPS" && listener.protocol !== "TLS") {
    throw validationError(`A certificate cannot be specified for ${listener.protocol} listeners`);
  }
  return listener;
}
