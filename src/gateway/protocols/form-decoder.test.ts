import assert from "node:assert/strict";
import { test } from "node:test";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as iam from "@aws-sdk/client-iam";
import { NormalizedSchema } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";
import { parseForm, readForm } from "./form-decoder.ts";

function read(schema: unknown, query: string, flavor: "query" | "ec2"): object {
  const normalized = NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
  return readForm(normalized, parseForm(new URLSearchParams(query)), flavor);
}

test("EC2 lists have no member and are numbered from one", () => {
  assert.deepEqual(
    read(
      ec2.DescribeVpcsRequest$,
      "VpcId.1=vpc-1&VpcId.2=vpc-2&Filter.1.Name=a&Filter.1.Value.1=x&Filter.1.Value.2=y",
      "ec2",
    ),
    { VpcIds: ["vpc-1", "vpc-2"], Filters: [{ Name: "a", Values: ["x", "y"] }] },
  );
});

test("numbers of a list are numbers: 10 comes after 2", () => {
  const names = Array.from({ length: 11 }, (_, index) => `Names.member.${11 - index}=n${11 - index}`).join(
    "&",
  );
  const { Names } = read(elb.DescribeLoadBalancersInput$, names, "query") as { Names: string[] };
  assert.deepEqual(Names.slice(0, 3), ["n1", "n2", "n3"]);
  assert.equal(Names.at(-1), "n11");
});

test("an empty value is absent, an empty list is a list", () => {
  assert.deepEqual(
    read(elb.CreateTargetGroupInput$, "Name=x&ProtocolVersion=&Port=80&HealthCheckEnabled=true", "query"),
    {
      Name: "x",
      Port: 80,
      HealthCheckEnabled: true,
    },
  );
  assert.deepEqual(read(iam.CreateRoleRequest$, "RoleName=x&Tags=", "query"), { RoleName: "x", Tags: [] });
});

test("structures that wrap a boolean are read", () => {
  assert.deepEqual(read(ec2.ModifyVpcAttributeRequest$, "VpcId=v&EnableDnsHostnames.Value=true", "ec2"), {
    VpcId: "v",
    EnableDnsHostnames: { Value: true },
  });
});

test("members that the model does not know are dropped", () => {
  assert.deepEqual(
    read(ec2.DescribeVpcsRequest$, "Nonsense.1=1&Action=DescribeVpcs&__proto__.x=1", "ec2"),
    {},
  );
});

test("values of the wrong type are malformed, with their place", () => {
  assert.throws(
    () => read(elb.CreateTargetGroupInput$, "Port=eighty", "query"),
    (error) => {
      assert.ok(error instanceof MalformedInput);
      assert.match(error.message, /a number at Port/);
      return true;
    },
  );
  assert.throws(() => read(ec2.DescribeVpcsRequest$, "DryRun=perhaps", "ec2"), MalformedInput);
  assert.throws(() => read(ec2.DescribeVpcsRequest$, "VpcId.first=x", "ec2"), MalformedInput);
});

test("hostile depth and number of parameters are refused", () => {
  assert.throws(() => parseForm(new URLSearchParams(`${"a.".repeat(50)}b=1`)), MalformedInput);
  const many = Array.from({ length: 20_001 }, (_, index) => `p${index}=1`).join("&");
  assert.throws(() => parseForm(new URLSearchParams(many)), MalformedInput);
});
