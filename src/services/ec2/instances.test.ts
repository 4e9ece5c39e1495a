import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ecsOptimizedImages } from "../../model/ec2/images.ts";
import type { InstanceState } from "../../model/ec2/records.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import {
  assertFails,
  call,
  type Network,
  newAwsInterface,
  newNetwork,
  newSubnet,
  TASK_OWNER,
} from "./testing.ts";

const REGION = "ap-northeast-1";
const IMAGE = ecsOptimizedImages(REGION).find(({ architecture }) => architecture === "x86_64")?.imageId ?? "";

function launch({ context, subnetId }: Network, more: object = {}): string[] {
  const input = { ImageId: IMAGE, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, SubnetId: subnetId };
  const { Instances = [] } = call(context, "RunInstances", { ...input, ...more } as typeof input & {
    InstanceType: "t3.micro";
  });
  return Instances.map(({ InstanceId }) => InstanceId ?? "");
}

/** As reconcile/instance does. */
function reach(context: HandlerContext, id: string, state: InstanceState): void {
  const record = context.store.get(instances, id);
  assert.ok(record);
  context.store.transaction((tx) => tx.put(instances, { ...record, state }));
}

function stateOf(context: HandlerContext, id: string): string | undefined {
  return call(context, "DescribeInstances", { InstanceIds: [id] }).Reservations?.[0]?.Instances?.[0]?.State
    ?.Name;
}

test("an instance starts pending, with a primary interface that goes with it", () => {
  const network = newNetwork();
  const { context } = network;
  const [id = ""] = launch(network);
  assert.match(id, /^i-[0-9a-f]{17}$/);
  assert.equal(stateOf(context, id), "pending");
  const filter = [{ Name: "attachment.instance-id", Values: [id] }];
  const [eni] = call(context, "DescribeNetworkInterfaces", { Filters: filter }).NetworkInterfaces ?? [];
  assert.deepEqual(
    [eni?.Attachment?.InstanceId, eni?.Attachment?.DeviceIndex, eni?.Attachment?.DeleteOnTermination],
    [id, 0, true],
  );
  assertFails(() => call(context, "DeleteSubnet", { SubnetId: network.subnetId }), "DependencyViolation");
});

test("the same client token gives the same instances, for something else it is refused", () => {
  const network = newNetwork();
  const first = launch(network, { ClientToken: "t" });
  assert.deepEqual(launch(network, { ClientToken: "t" }), first);
  assertFails(
    () => launch(network, { ClientToken: "t", InstanceType: "t3.small" }),
    "IdempotentParameterMismatch",
  );
});

test("what EC2 refuses to launch, it refuses here in its words, and nothing is made", () => {
  const network = newNetwork();
  const cases: readonly (readonly [object, string, string?])[] = [
    [
      { ImageId: "ami-00000000000000000" },
      "InvalidAMIID.NotFound",
      "The image id '[ami-00000000000000000]' does not exist",
    ],
    [{ InstanceType: "t9.huge" }, "InvalidParameterValue", "Invalid value 't9.huge' for InstanceType."],
    [{ SubnetId: "subnet-00000000000000000" }, "InvalidSubnetID.NotFound"],
    [{ SubnetId: undefined }, "VPCIdNotSpecified"],
    [{ KeyName: "none" }, "InvalidKeyPair.NotFound", "The key pair 'none' does not exist"],
    [{ SecurityGroupIds: ["sg-00000000000000000"] }, "InvalidGroup.NotFound"],
    [{ UserData: "not base64!" }, "InvalidParameterValue", "Invalid BASE64 encoding of user data."],
    [
      { UserData: Buffer.alloc(16_385).toString("base64") },
      "InvalidParameterValue",
      "User data is limited to 16384 bytes",
    ],
    [{ MinCount: 300, MaxCount: 300 }, "InsufficientFreeAddressesInSubnet"],
    [{ MinCount: 2 }, "InvalidParameterCombination"],
    [{ NetworkInterfaces: [{ DeviceIndex: 0 }] }, "InvalidParameterCombination"],
    [
      {
        SubnetId: undefined,
        NetworkInterfaces: [0, 1, 2].map((DeviceIndex) => ({ DeviceIndex, SubnetId: network.subnetId })),
      },
      "AttachmentLimitExceeded",
      "Interface count 3 exceeds the limit for t3.micro",
    ],
  ];
  for (const [more, code, message] of cases) assertFails(() => launch(network, more), code, message);
  assert.equal(network.context.store.list(instances).length, 0);
  assert.equal(network.context.store.list(networkInterfaces).length, 0);
});

test("as many are launched as there are addresses, if that is the minimum at least", () => {
  const context = testContext();
  const { vpcId } = newNetwork(context);
  const subnetId = newSubnet(context, vpcId, "10.0.9.0/28");
  assert.equal(launch({ context, vpcId, subnetId }, { MaxCount: 20 }).length, 11);
});

test("a template's data goes under the request's own, and its version is told", () => {
  const network = newNetwork();
  const { context } = network;
  call(context, "CreateLaunchTemplate", {
    LaunchTemplateName: "lt1",
    LaunchTemplateData: {
      ImageId: IMAGE,
      InstanceType: "t3.small",
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] }],
    },
  });
  const LaunchTemplate = { LaunchTemplateName: "lt1" };
  const [id = ""] = launch(network, { LaunchTemplate, ImageId: undefined, InstanceType: undefined });
  const record = context.store.get(instances, id);
  assert.equal(record?.instanceType, "t3.small");
  assert.equal(record?.launchTemplate?.version, "1");
  assert.equal(record?.tags.find(({ key }) => key === "a")?.value, "1");
  assert.equal(record?.tags.find(({ key }) => key === "aws:ec2launchtemplate:version")?.value, "1");
});

test("stopping, starting and terminating show at once, and only where they may", () => {
  const network = newNetwork();
  const { context } = network;
  const [id = ""] = launch(network);
  const InstanceIds = [id];
  assertFails(() => call(context, "StopInstances", { InstanceIds }), "IncorrectInstanceState");
  reach(context, id, "running");
  const [stop] = call(context, "StopInstances", { InstanceIds }).StoppingInstances ?? [];
  assert.deepEqual([stop?.PreviousState?.Name, stop?.CurrentState?.Name], ["running", "stopping"]);
  assertFails(() => call(context, "StartInstances", { InstanceIds }), "IncorrectInstanceState");
  reach(context, id, "stopped");
  const [start] = call(context, "StartInstances", { InstanceIds }).StartingInstances ?? [];
  assert.deepEqual([start?.PreviousState?.Name, start?.CurrentState?.Name], ["stopped", "pending"]);
  const [end] = call(context, "TerminateInstances", { InstanceIds }).TerminatingInstances ?? [];
  assert.equal(end?.CurrentState?.Name, "shutting-down");
  assert.equal(stateOf(context, id), "shutting-down");
});

test("a protected instance is not terminated, and none of the same request is", () => {
  const network = newNetwork();
  const { context } = network;
  const [first = ""] = launch(network);
  const [second = ""] = launch(network, { DisableApiTermination: true });
  assertFails(
    () => call(context, "TerminateInstances", { InstanceIds: [first, second] }),
    "OperationNotPermitted",
    `The instance '${second}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );
  assert.equal(stateOf(context, first), "pending");
  call(context, "ModifyInstanceAttribute", { InstanceId: second, DisableApiTermination: { Value: false } });
  call(context, "TerminateInstances", { InstanceIds: [first, second] });
});

test("interfaces take a free index within the type's limit; the primary and a task's stay", () => {
  const network = newNetwork();
  const { context, subnetId } = network;
  const [id = ""] = launch(network);
  reach(context, id, "running");
  const newFree = () =>
    call(context, "CreateNetworkInterface", { SubnetId: subnetId }).NetworkInterface?.NetworkInterfaceId ??
    "";
  const attach = (NetworkInterfaceId: string, DeviceIndex: number) =>
    call(context, "AttachNetworkInterface", { NetworkInterfaceId, InstanceId: id, DeviceIndex });
  assertFails(
    () => attach(newFree(), 0),
    "InvalidParameterValue",
    `Instance '${id}' already has an interface attached at device index '0'.`,
  );
  const { AttachmentId = "" } = attach(newFree(), 1);
  assertFails(
    () => attach(newFree(), 2),
    "AttachmentLimitExceeded",
    "Interface count 3 exceeds the limit for t3.micro",
  );
  call(context, "DetachNetworkInterface", { AttachmentId });
  const primary = context.store.where(networkInterfaces, "instance", id)[0]?.attachmentId ?? "";
  assertFails(
    () => call(context, "DetachNetworkInterface", { AttachmentId: primary }),
    "OperationNotPermitted",
  );
  const task = newAwsInterface(network, TASK_OWNER, {
    instanceAttachment: { instanceId: id, deviceIndex: 1, deleteOnTermination: true, attachTime: 0 },
  });
  assertFails(
    () => call(context, "DetachNetworkInterface", { AttachmentId: task.attachmentId ?? "" }),
    "AuthFailure",
  );
});

test("another account sees neither instance nor template", () => {
  const network = newNetwork();
  const [id = ""] = launch(network);
  const other = { ...network.context, scope: { account: "111111111111", region: REGION } };
  assertFails(() => call(other, "DescribeInstances", { InstanceIds: [id] }), "InvalidInstanceID.NotFound");
  assert.deepEqual(call(other, "DescribeInstances", {}).Reservations, []);
});

test("templates get numbered versions, and the default one stays", () => {
  const context = testContext();
  const name = { LaunchTemplateName: "lt2" };
  call(context, "CreateLaunchTemplate", { ...name, LaunchTemplateData: { InstanceType: "t3.micro" } });
  assertFails(
    () => call(context, "CreateLaunchTemplate", { ...name, LaunchTemplateData: {} }),
    "InvalidLaunchTemplateName.AlreadyExistsException",
    "Launch template name already in use.",
  );
  const second = call(context, "CreateLaunchTemplateVersion", {
    ...name,
    SourceVersion: "1",
    LaunchTemplateData: { ImageId: IMAGE },
  }).LaunchTemplateVersion;
  assert.equal(second?.VersionNumber, 2);
  assert.equal(second?.LaunchTemplateData?.InstanceType, "t3.micro");
  const shown = call(context, "DescribeLaunchTemplateVersions", name).LaunchTemplateVersions ?? [];
  assert.deepEqual(
    shown.map(({ VersionNumber }) => VersionNumber),
    [2, 1],
  );
  const deleted = call(context, "DeleteLaunchTemplateVersions", { ...name, Versions: ["1", "2"] });
  assert.deepEqual(
    [
      deleted.SuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
      deleted.UnsuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
    ],
    [[2], [1]],
  );
});

test("made keys are told once and named by their fingerprint; what is no key is refused", () => {
  const context = testContext();
  const rsa = call(context, "CreateKeyPair", { KeyName: "r" });
  assert.match(rsa.KeyMaterial ?? "", /^-----BEGIN RSA PRIVATE KEY-----/);
  assert.match(rsa.KeyFingerprint ?? "", /^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  const made = call(context, "CreateKeyPair", { KeyName: "e", KeyType: "ed25519" });
  assert.match(made.KeyMaterial ?? "", /^-----BEGIN OPENSSH PRIVATE KEY-----/);
  const all = call(context, "DescribeKeyPairs", { KeyNames: ["e"], IncludePublicKey: true });
  const line = all.KeyPairs?.[0]?.PublicKey ?? "";
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  assert.equal(made.KeyFingerprint, createHash("sha256").update(blob).digest("base64"));
  const PublicKeyMaterial = Buffer.from(line);
  const imported = call(context, "ImportKeyPair", { KeyName: "i", PublicKeyMaterial });
  assert.equal(imported.KeyFingerprint, made.KeyFingerprint);
  assertFails(
    () => call(context, "ImportKeyPair", { KeyName: "x", PublicKeyMaterial: Buffer.from("ssh-rsa AAAA") }),
    "InvalidKey.Format",
    "Key is not in valid OpenSSH public key format",
  );
  assertFails(() => call(context, "CreateKeyPair", { KeyName: "r" }), "InvalidKeyPair.Duplicate");
});
