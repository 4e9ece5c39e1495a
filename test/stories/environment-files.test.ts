/** Amazon S3 through its clients, and tasks that take their variables from files there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type ContainerDefinition, CreateClusterCommand, RunTaskCommand } from "@aws-sdk/client-ecs";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { present, REGION, run, startTestBerth, type TestBerth } from "./harness.ts";
import { createGroup, createNetwork } from "./network.ts";
import { CLUSTER, type Place, registerTask, runInTask, startTask, untilStatus } from "./tasks.ts";

const BUCKET = "environments";
const BOTO = `
import boto3, botocore, sys, urllib.request
s3 = boto3.client("s3")
body = bytes(range(256)) * 40000
s3.put_object(Bucket="clients", Key="from boto/ä+b", Body=body, Metadata={"who": "boto"})
found = s3.get_object(Bucket="clients", Key="from boto/ä+b")
assert found["Body"].read() == body and found["Metadata"] == {"who": "boto"}
part = s3.get_object(Bucket="clients", Key="from boto/ä+b", Range="bytes=256-258")
assert part["Body"].read() == b"\\x00\\x01\\x02" and part["ContentRange"] == "bytes 256-258/%d" % len(body)
url = s3.generate_presigned_url("get_object", Params={"Bucket": "clients", "Key": "from boto/ä+b"})
assert urllib.request.urlopen(url).read() == body
for index in range(7): s3.put_object(Bucket="clients", Key="many/%d" % index, Body=b"x")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="clients", Prefix="many/", PaginationConfig={"PageSize": 3})
assert [len(page["Contents"]) for page in pages] == [3, 3, 1]
try: s3.get_object(Bucket="clients", Key="none"); sys.exit("found what is not there")
except s3.exceptions.NoSuchKey as error: assert error.response["Error"]["Message"] == "The specified key does not exist."
try: s3.head_object(Bucket="clients", Key="none"); sys.exit("found what is not there")
except botocore.exceptions.ClientError as error: assert error.response["Error"]["Code"] == "404"
print("boto is content")
`;

describe("S3, and environment files", { timeout: 240_000 }, () => {
  let berth: TestBerth;
  let place: Place;
  let s3: S3Client;
  let iam: IAMClient;
  let environment: Record<string, string>;

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.84");
    const securityGroup = await createGroup(berth, network.vpcId, "files");
    place = { subnet: network.privateSubnetId, securityGroup };
    const options = {
      endpoint: berth.endpoint,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    s3 = new S3Client(options);
    iam = new IAMClient(options);
    environment = {
      AWS_ENDPOINT_URL: berth.endpoint,
      AWS_ACCESS_KEY_ID: "000000000000",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_DEFAULT_REGION: REGION,
      AWS_CONFIG_FILE: "/nonexistent",
    };
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });

  after(() => {
    s3?.destroy();
    iam?.destroy();
    berth?.down();
  });

  async function aws(...parameters: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await run("aws", ["s3", ...parameters], { env: environment });
    assert.equal(exitCode, 0, `aws s3 ${parameters.join(" ")}: ${stderr}`);
    return stdout;
  }

  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

  function allow(...statements: readonly object[]) {
    const Statement = statements.map((statement) => ({ Effect: "Allow", ...statement }));
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    return iam.send(
      new PutRolePolicyCommand({ RoleName: "stories", PolicyName: "environment", PolicyDocument }),
    );
  }

  const location = { Action: "s3:GetBucketLocation", Resource: `arn:aws:s3:::${BUCKET}` };
  const reading = { Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*` };

  function files(...keys: readonly string[]): Partial<ContainerDefinition> {
    return {
      environmentFiles: keys.map((key) => ({ type: "s3", value: `arn:aws:s3:::${BUCKET}/${key}` })),
    };
  }

  async function stoppedReason(definition: string): Promise<string> {
    const task = await untilStatus(berth, await startTask(berth, definition, place), "STOPPED");
    assert.equal(task.stopCode, "TaskFailedToStart");
    return present(task.stoppedReason, "stoppedReason");
  }

  async function variables(taskArn: string): Promise<string[]> {
    await untilStatus(berth, taskArn, "RUNNING");
    const { stdout } = await runInTask(berth, taskArn, "web", ["/bin/busybox", "env"]);
    return stdout.trim().split("\n");
  }

  it("the AWS CLI makes buckets, copies files there and back, in parts too, and removes all of it", async () => {
    const [file, back] = [join(berth.stateDirectory, "large"), join(berth.stateDirectory, "back")];
    writeFileSync(file, randomBytes(20_000_000));
    await aws("mb", "s3://clients");
    await aws("cp", "--quiet", file, "s3://clients/deep/large");
    await aws("cp", "--quiet", "s3://clients/deep/large", "s3://clients/copied");
    await aws("cp", "--quiet", "s3://clients/copied", back);
    assert.ok(readFileSync(file).equals(readFileSync(back)));
    assert.match(await aws("ls", "s3://clients"), /PRE deep\/\n.*20000000 copied/);
    const boto = await run("python3", ["-c", BOTO], { env: environment });
    assert.equal(boto.stdout, "boto is content\n", boto.stderr);
    await aws("rm", "--quiet", "s3://clients/copied");
    const refused = await run("aws", ["s3", "rb", "s3://clients"], { env: environment });
    assert.match(refused.stderr, /BucketNotEmpty.*The bucket you tried to delete is not empty/);
    await aws("rb", "--force", "s3://clients");
    assert.doesNotMatch(await aws("ls"), /clients/);
    assert.deepEqual(readdirSync(join(berth.stateDirectory, "s3")), []);
  });

  it("a role that may not read the file, or not find its bucket, is the stopped reason", async () => {
    await put("web/app.env", "A=1\n");
    const definition = await registerTask(berth, "denied", files("web/app.env"));
    assert.match(
      await stoppedReason(definition),
      /^ResourceInitializationError: failed to download env files: .*S3: GetBucketLocation, .* 403, .*role\/stories\/\w+ is not authorized to perform: s3:GetBucketLocation on resource: /,
    );
    await allow(location);
    assert.match(
      await stoppedReason(definition),
      /^ResourceInitializationError: failed to download env files: service call has been retried 1 time\(s\): operation error S3: HeadObject, https response error StatusCode: 403, RequestID: \w+, HostID: \S+, api error Forbidden: Forbidden$/,
    );
  });

  it("a file that is not there is the stopped reason; who may not list is not told so", async () => {
    const definition = await registerTask(berth, "missing", files("web/none.env"));
    await allow(location, reading);
    assert.match(await stoppedReason(definition), / StatusCode: 403, .* api error Forbidden: Forbidden$/);
    await allow(location, reading, { Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` });
    assert.match(await stoppedReason(definition), / StatusCode: 404, .* api error NotFound: Not Found$/);
  });

  it("variables come from the files: the first file wins, the definition's own before all", async () => {
    await allow(location, reading);
    await put("one.env", '# of one\nFROM=one\nQUOTED="as it is"\nNAME=file\nEMPTY=\n');
    await put("two.env", "FROM=two\r\nONLY=two\r\nAWS_REGION=elsewhere-1\r\n");
    const definition = await registerTask(berth, "files", files("one.env", "two.env"));
    const found = await variables(await startTask(berth, definition, place));
    for (const line of ["FROM=one", 'QUOTED="as it is"', "NAME=files", "EMPTY=", "ONLY=two"]) {
      assert.ok(found.includes(line), `${line} is not in ${found.join(" ")}`);
    }
    assert.ok(found.includes("AWS_REGION=elsewhere-1"));
    const { tasks } = await berth.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: definition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [place.subnet], securityGroups: [place.securityGroup] },
        },
        overrides: { containerOverrides: [{ name: "web", ...files("two.env") }] },
      }),
    );
    const overridden = await variables(present(tasks?.[0]?.taskArn, "taskArn"));
    assert.ok(overridden.includes("FROM=two") && !overridden.some((line) => line.startsWith("QUOTED")));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "stories", PolicyName: "environment" }));
  });

  it("a container reaches S3 at AWS's address inside the task, with keys that Berth issued alone", async () => {
    await put("inside", "from S3");
    await iam.send(new CreateUserCommand({ UserName: "inside" }));
    await iam.send(
      new AttachUserPolicyCommand({
        UserName: "inside",
        PolicyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
      }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "inside" }));
    const taskArn = await startTask(berth, await registerTask(berth, "inside"), place);
    const endpoint = (await variables(taskArn)).find((line) => line.startsWith("AWS_ENDPOINT_URL="));
    const fetchAs = async (id: string, secret: string) => {
      const presign = `import boto3; print(boto3.client("s3").generate_presigned_url("get_object", Params={"Bucket": "${BUCKET}", "Key": "inside"}))`;
      const signer = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
      const env = { ...environment, ...signer, AWS_ENDPOINT_URL: present(endpoint, "endpoint").slice(17) };
      const { stdout } = await run("python3", ["-c", presign], { env });
      return runInTask(berth, taskArn, "web", ["/bin/busybox", "wget", "-q", "-O", "-", stdout.trim()]);
    };
    const known = await fetchAs(AccessKey?.AccessKeyId ?? "", AccessKey?.SecretAccessKey ?? "");
    assert.equal(known.stdout, "from S3", known.stderr);
    assert.match((await fetchAs("000000000000", "test")).stderr, /403/);
  });

  it("kill -9 while objects are written: what was answered is whole, and nothing is half there", async () => {
    const written = new Map<string, Buffer>();
    let killed = false;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let round = 0; !killed; round++) {
        const [Key, Body] = [`kill/${writer}/${round % 3}`, randomBytes(300_000)];
        const answered = await s3
          .send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
          .catch(() => undefined);
        if (answered === undefined) {
          // Whether it was taken nobody knows: one of the two is there, whole.
          written.delete(Key);
          return;
        }
        written.set(Key, Body);
      }
    });
    await pause(1500);
    process.kill(berth.processId(), "SIGKILL");
    killed = true;
    await Promise.all(writers);
    berth.up();
    // The client has yet to hear that its idle connections are gone.
    await pause(200);
    assert.ok(written.size > 0);
    for (const [Key, body] of written) {
      const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      assert.ok(
        ETag !== undefined && body.equals(Buffer.from((await Body?.transformToByteArray()) ?? [])),
        Key,
      );
    }
    const names = readdirSync(join(berth.stateDirectory, "s3"));
    assert.ok(names.every((name) => /^[0-9a-f]{32}$/.test(name)));
  });
});
