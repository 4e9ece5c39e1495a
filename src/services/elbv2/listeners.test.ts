import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { createListener } from "./create-listener.ts";
import { createLoadBalancer } from "./create-load-balancer.ts";
import { createTargetGroup } from "./create-target-group.ts";
import { describeListeners } from "./describe-listeners.ts";
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from "./listener-certificates.ts";
import { modifyListener } from "./modify-listener.ts";
import {
  contextWithVpc,
  fault,
  newListenerArn,
  newLoadBalancerArn,
  newTargetGroupArn,
  putCertificate,
  SUBNET_A,
  VPC,
} from "./testing.ts";

const NOT_FOUND_PAGE: wire.Action = { Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } };

test("a forward to one group is shown in both forms", () => {
  const context = contextWithVpc();
  const group = newTargetGroupArn(context);
  const listener = newListenerArn(context, newLoadBalancerArn(context), { targetGroupArn: group });
  const [shown] = describeListeners({ ListenerArns: [listener] }, context).Listeners ?? [];
  assert.deepEqual(shown?.DefaultActions, [
    {
      Type: "forward",
      TargetGroupArn: group,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ]);
});

test("a second listener on a port is refused unless it is the same", () => {
  const context = contextWithVpc();
  const loadBalancer = newLoadBalancerArn(context);
  const first = newListenerArn(context, loadBalancer);
  assert.equal(newListenerArn(context, loadBalancer), first);
  const group = newTargetGroupArn(context);
  assert.throws(
    () => newListenerArn(context, loadBalancer, { targetGroupArn: group }),
    fault(
      "DuplicateListenerException",
      `A listener already exists on this port for this load balancer '${loadBalancer}'`,
    ),
  );
});

test("an HTTPS listener needs one issued certificate and gets the default policy", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  const create = (change: Partial<wire.CreateListenerInput>) =>
    createListener(
      { LoadBalancerArn, Protocol: "HTTPS", Port: 443, DefaultActions: [NOT_FOUND_PAGE], ...change },
      context,
    );
  const missing = `arn:aws:acm:ap-northeast-1:000000000000:certificate/none`;
  const pending = putCertificate(context, "pending", "PENDING_VALIDATION");
  const issued = putCertificate(context, "issued", "ISSUED");
  assert.throws(
    () => create({}),
    fault("ValidationError", "A certificate must be specified for HTTPS listeners"),
  );
  assert.throws(
    () => create({ Certificates: [{ CertificateArn: missing }] }),
    fault("CertificateNotFoundException", `Certificate '${missing}' not found`),
  );
  assert.throws(
    () => create({ Certificates: [{ CertificateArn: "nonsense" }] }),
    fault("ValidationError", "Certificate ARN 'nonsense' is not valid"),
  );
  assert.throws(
    () => create({ Certificates: [{ CertificateArn: pending }] }),
    fault(
      "UnsupportedCertificate",
      `The certificate '${pending}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    ),
  );
  assert.throws(
    () => create({ Certificates: [{ CertificateArn: issued }], SslPolicy: "nope" }),
    fault("SSLPolicyNotFoundException", "SSL policy 'nope' not found"),
  );
  const [shown] = create({ Certificates: [{ CertificateArn: issued }] }).Listeners ?? [];
  assert.equal(shown?.SslPolicy, "ELBSecurityPolicy-2016-08");
  assert.deepEqual(shown?.Certificates, [{ CertificateArn: issued }]);
});

test("an HTTP listener takes no certificate", () => {
  const context = contextWithVpc();
  const CertificateArn = putCertificate(context, "issued", "ISSUED");
  assert.throws(
    () =>
      createListener(
        {
          LoadBalancerArn: newLoadBalancerArn(context),
          Protocol: "HTTP",
          Port: 80,
          Certificates: [{ CertificateArn }],
          DefaultActions: [NOT_FOUND_PAGE],
        },
        context,
      ),
    fault("ValidationError", "A certificate cannot be specified for HTTP listeners"),
  );
});

test("protocols must fit the load balancer and the target group", () => {
  const context = contextWithVpc();
  const application = newLoadBalancerArn(context);
  const [network] =
    createLoadBalancer({ Name: "net", Type: "network", Subnets: [SUBNET_A] }, context).LoadBalancers ?? [];
  const httpGroup = newTargetGroupArn(context);
  const create = (
    LoadBalancerArn: string | undefined,
    Protocol: wire.ProtocolEnum,
    action = NOT_FOUND_PAGE,
  ) => createListener({ LoadBalancerArn, Protocol, Port: 80, DefaultActions: [action] }, context);
  assert.throws(
    () => create(application, "TCP"),
    fault("ValidationError", "Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"),
  );
  assert.throws(
    () => create(network?.LoadBalancerArn, "HTTP"),
    fault("ValidationError", "Listener protocol 'HTTP' must be one of 'TLS, TCP, TCP_UDP, UDP'"),
  );
  assert.throws(() => create(network?.LoadBalancerArn, "UDP"), { name: "UnsupportedProtocolException" });
  assert.throws(
    () => create(network?.LoadBalancerArn, "TCP"),
    fault(
      "InvalidLoadBalancerActionException",
      "The action type 'fixed-response' is not valid with network load balancer",
    ),
  );
  assert.throws(
    () => create(network?.LoadBalancerArn, "TCP", { Type: "forward", TargetGroupArn: httpGroup }),
    { name: "IncompatibleProtocolsException" },
  );
  const [grpc] =
    createTargetGroup(
      { Name: "grpc", Protocol: "HTTP", ProtocolVersion: "GRPC", Port: 1, VpcId: VPC, TargetType: "ip" },
      context,
    ).TargetGroups ?? [];
  assert.throws(
    () => create(application, "HTTP", { Type: "forward", TargetGroupArn: grpc?.TargetGroupArn }),
    fault(
      "InvalidLoadBalancerActionException",
      "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'",
    ),
  );
});

test("a target group belongs to one load balancer", () => {
  const context = contextWithVpc();
  const group = newTargetGroupArn(context);
  newListenerArn(context, newLoadBalancerArn(context, "one"), { targetGroupArn: group });
  assert.throws(
    () => newListenerArn(context, newLoadBalancerArn(context, "two"), { targetGroupArn: group }),
    fault(
      "TargetGroupAssociationLimitException",
      `The following target groups cannot be associated with more than one load balancer: ${group}`,
    ),
  );
});

test("actions are checked with the service's texts", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  const create = (...DefaultActions: wire.Action[]) =>
    createListener({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions }, context);
  const redirect = (RedirectConfig: Partial<wire.RedirectActionConfig>): wire.Action => ({
    Type: "redirect",
    RedirectConfig: { StatusCode: "HTTP_301", ...RedirectConfig },
  });
  const unknown = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/x/0123456789abcdef";
  const cases: readonly [wire.Action[], string][] = [
    [[], "An action must be specified"],
    [[{ Type: "forward", TargetGroupArn: unknown }], `Target groups '${unknown}' not found`],
    [
      [NOT_FOUND_PAGE, NOT_FOUND_PAGE],
      "You cannot specify multiple actions of the following type: 'fixed-response'",
    ],
    [[redirect({})], "The redirect configuration is not valid because it creates a loop"],
    [[redirect({ Protocol: "HTTP" })], "The redirect configuration is not valid because it creates a loop"],
    [
      [redirect({ Path: "no-slash" })],
      "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of these placeholders: '#{path}', '#{host}', '#{port}'",
    ],
    [
      [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "302" } }],
      "1 validation error detected: Value '302' at 'defaultActions.1.member.fixedResponseConfig.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$",
    ],
    [
      [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "200", ContentType: "image/png" } }],
      "The ContentType must be one of:'text/html', 'application/json', 'application/javascript', 'text/css', 'text/plain'",
    ],
  ];
  for (const [actions, message] of cases) assert.throws(() => create(...actions), { message });
  const [shown] = create(redirect({ Protocol: "HTTPS", Port: "443" })).Listeners ?? [];
  assert.deepEqual(shown?.DefaultActions?.[0]?.RedirectConfig, {
    Protocol: "HTTPS",
    Port: "443",
    Host: "#{host}",
    Path: "/#{path}",
    Query: "#{query}",
    StatusCode: "HTTP_301",
  });
});

test("ModifyListener from HTTPS to HTTP drops policy and certificates", () => {
  const context = contextWithVpc();
  const CertificateArn = putCertificate(context, "issued", "ISSUED");
  const { Listeners } = createListener(
    {
      LoadBalancerArn: newLoadBalancerArn(context),
      Protocol: "HTTPS",
      Port: 443,
      Certificates: [{ CertificateArn }],
      DefaultActions: [NOT_FOUND_PAGE],
    },
    context,
  );
  const ListenerArn = Listeners?.[0]?.ListenerArn;
  const [changed] = modifyListener({ ListenerArn, Protocol: "HTTP", Port: 80 }, context).Listeners ?? [];
  assert.equal(changed?.SslPolicy, undefined);
  assert.equal(changed?.Certificates, undefined);
  assert.equal(changed?.Port, 80);
  assert.throws(
    () => modifyListener({ ListenerArn, Protocol: "HTTPS" }, context),
    fault("ValidationError", "A certificate must be specified for HTTPS listeners"),
  );
});

test("further certificates are added once, listed after the default, and the default stays", () => {
  const context = contextWithVpc();
  const first = putCertificate(context, "first", "ISSUED");
  const second = putCertificate(context, "second", "ISSUED");
  const { Listeners } = createListener(
    {
      LoadBalancerArn: newLoadBalancerArn(context),
      Protocol: "HTTPS",
      Port: 443,
      Certificates: [{ CertificateArn: first }],
      DefaultActions: [NOT_FOUND_PAGE],
    },
    context,
  );
  const ListenerArn = Listeners?.[0]?.ListenerArn;
  const add = () =>
    addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: second }] }, context);
  add();
  add();
  assert.deepEqual(describeListenerCertificates({ ListenerArn }, context).Certificates, [
    { CertificateArn: first, IsDefault: true },
    { CertificateArn: second, IsDefault: false },
  ]);
  assert.throws(
    () => removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: first }] }, context),
    { name: "OperationNotPermittedException" },
  );
  removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: second }] }, context);
  assert.equal(describeListenerCertificates({ ListenerArn }, context).Certificates?.length, 1);
});
