import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NormalizedSchema } from "@smithy/core/schema";
import { type RecordedParameters, recordedRequest, recordedResponse } from "./recorded-parameters.ts";
import { serviceCatalog } from "./service-catalog.ts";
import type { ServiceModel } from "./service-model.ts";

/** Secrets by name, whatever the model says; told apart from the implementation's own list on purpose. */
const SECRET_NAME =
  /^(secretString|secretBinary|\w*password|privateKey|keyMaterial|sessionToken|secretAccessKey|tokenValue|streamUrl|userData|authorizationToken|passphrase)$/i;
const DEEPEST = 9;

interface Made {
  readonly secrets: string[];
  readonly others: string[];
}

/** A value with every member set, each text its own. */
function fill(schema: NormalizedSchema, made: Made, secret: boolean, name: string, depth: number): unknown {
  const traits = schema.getMergedTraits();
  const isSecret = secret || traits["sensitive"] !== undefined || SECRET_NAME.test(name);
  if (depth > DEEPEST) return undefined;
  if (schema.isStructSchema()) {
    return Object.fromEntries(
      [...schema.structIterator()].flatMap(([member, inner]) => {
        const value = fill(inner, made, isSecret, member, depth + 1);
        return value === undefined ? [] : [[member, value]];
      }),
    );
  }
  if (schema.isListSchema()) return [fill(schema.getValueSchema(), made, isSecret, "", depth + 1)];
  if (schema.isMapSchema()) return { key: fill(schema.getValueSchema(), made, isSecret, "", depth + 1) };
  if (schema.isTimestampSchema()) return new Date(Date.UTC(2026, 6, 30, 21, 53, 13));
  if (schema.isBooleanSchema()) return true;
  if (schema.isNumericSchema()) return 7;
  const into = isSecret ? made.secrets : made.others;
  const text = `${isSecret ? "secret" : "plain"}-${made.secrets.length}-${made.others.length}-`;
  into.push(text);
  return schema.isBlobSchema() ? Buffer.from(text) : text;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

async function modelOf(service: string): Promise<ServiceModel> {
  const entry = serviceCatalog.find(({ id }) => id === service);
  assert.ok(entry !== undefined);
  return (await entry.load()).model;
}

async function request(service: string, operation: string, input: Record<string, unknown>) {
  const model = await modelOf(service);
  const described = model.operations.get(operation);
  assert.ok(described !== undefined);
  return recordedRequest(model, described, input).parameters;
}

async function response(service: string, operation: string, output: Record<string, unknown>) {
  const model = await modelOf(service);
  const described = model.operations.get(operation);
  assert.ok(described !== undefined);
  return recordedResponse(model, described, output, "r-1").parameters;
}

describe("parameters in the event history", () => {
  it("no secret of any implemented operation survives, and each is named as hidden", async () => {
    let secrets = 0;
    let others = 0;
    for (const { id, load } of serviceCatalog) {
      const { model, operations } = await load();
      for (const name of Object.keys(operations)) {
        const operation = model.operations.get(name);
        assert.ok(operation !== undefined);
        const parts: readonly (readonly [
          NormalizedSchema,
          (value: Record<string, unknown>) => RecordedParameters,
        ])[] = [
          [operation.input, (value) => recordedRequest(model, operation, value)],
          [operation.output, (value) => recordedResponse(model, operation, value, "r-1")],
        ];
        for (const [schema, render] of parts) {
          if (schema.isUnitSchema()) continue;
          const made: Made = { secrets: [], others: [] };
          const value = object(fill(schema, made, false, "", 0));
          const { parameters, hidden } = render(value);
          const text = JSON.stringify(parameters);
          for (const secret of made.secrets) {
            assert.ok(!text.includes(secret), `${id}:${name} shows a secret`);
            assert.ok(hidden.includes(secret), `${id}:${name} does not tell what it hides`);
          }
          secrets += made.secrets.length;
          others += made.others.filter((other) => text.includes(other)).length;
        }
      }
    }
    assert.ok(secrets > 50, `${secrets} secrets`);
    assert.ok(others > 2000, `${others} other texts`);
  });

  it("names begin small, times are text, and nothing is null", async () => {
    assert.deepEqual(
      await request("elasticloadbalancing", "CreateLoadBalancer", { Name: "a", Subnets: ["s"] }),
      {
        name: "a",
        subnets: ["s"],
      },
    );
    const createdTime = new Date(Date.UTC(2016, 3, 11, 17, 23, 50));
    assert.deepEqual(
      await response("elasticloadbalancing", "CreateLoadBalancer", {
        LoadBalancers: [{ DNSName: "d", CreatedTime: createdTime }],
      }),
      { loadBalancers: [{ dNSName: "d", createdTime: "Apr 11, 2016 5:23:50 PM" }] },
    );
    assert.equal(await request("sts", "GetCallerIdentity", {}), null);
    assert.equal(await response("iam", "AttachRolePolicy", {}), null);
  });

  it("each service hides in its own way", async () => {
    const put = await request("ssm", "PutParameter", { Name: "n", Value: "v", Type: "String" });
    assert.deepEqual(put, { name: "n", value: "HIDDEN_DUE_TO_SECURITY_REASONS", type: "String" });
    const key = await response("iam", "CreateAccessKey", {
      AccessKey: { UserName: "u", AccessKeyId: "AKIA", SecretAccessKey: "s", Status: "Active" },
    });
    assert.deepEqual(key, { accessKey: { userName: "u", accessKeyId: "AKIA", status: "Active" } });
    const secret = { SecretId: "s", SecretString: "hush" };
    assert.deepEqual(await request("secretsmanager", "PutSecretValue", secret), { secretId: "s" });
    assert.deepEqual(await response("secretsmanager", "PutSecretValue", { ARN: "arn:x" }), { arn: "arn:x" });
    const run = await request("ec2", "RunInstances", {
      ImageId: "ami-1",
      MinCount: 1,
      MaxCount: 2,
      InstanceType: "t2.micro",
      UserData: "IyE=",
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "k", Value: "v" }] }],
    });
    assert.deepEqual(run, {
      instancesSet: { items: [{ imageId: "ami-1", minCount: 1, maxCount: 2 }] },
      instanceType: "t2.micro",
      userData: "<sensitiveDataRemoved>",
      tagSpecificationSet: { items: [{ resourceType: "instance", tags: [{ key: "k", value: "v" }] }] },
    });
  });

  it("EC2 tells lists as sets of items", async () => {
    assert.deepEqual(await request("ec2", "TerminateInstances", { InstanceIds: ["i-1"] }), {
      instancesSet: { items: [{ instanceId: "i-1" }] },
    });
    const asked = { Filters: [{ Name: "cidr", Values: ["10.0.0.0/8"] }], VpcIds: [] };
    assert.deepEqual(await request("ec2", "DescribeVpcs", asked), {
      filterSet: { items: [{ name: "cidr", valueSet: { items: [{ value: "10.0.0.0/8" }] } }] },
      vpcSet: {},
    });
    assert.deepEqual(await response("ec2", "DeleteVpc", {}), { requestId: "r-1", _return: true });
    assert.deepEqual(
      await response("ec2", "AuthorizeSecurityGroupIngress", {
        Return: true,
        SecurityGroupRules: [{ GroupId: "sg-1", FromPort: 22 }],
      }),
      {
        requestId: "r-1",
        _return: true,
        securityGroupRuleSet: { items: [{ groupId: "sg-1", fromPort: 22 }] },
      },
    );
  });
});
