/** CloudTrail's event history and `./berth trail`: who called what, told by another client than the one that called. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  type Event,
  type LookupAttributeKey,
  LookupEventsCommand,
} from "@aws-sdk/client-cloudtrail";
import { findFreePort, present, REGION, run, until } from "./harness.ts";

const program = new URL("../../berth", import.meta.url).pathname;
const SECRETS = ["Vx-parameter-7731", "Vx-environment-4402", "Vx-policy-9917"];

function isMissing(file: string, parameters: readonly string[]): Promise<boolean> {
  return run(file, parameters).then(
    ({ exitCode }) => exitCode !== 0,
    () => true,
  );
}

describe("the event history", { timeout: 300_000 }, () => {
  const state = mkdtempSync("/tmp/bs-trail-");
  let port: string;
  let endpoint: string;
  let cloudTrail: CloudTrailClient;
  const berth = (...parameters: string[]) => run(program, [...parameters, "--state-dir", state]);
  const up = async () => {
    const server = ["--port", port, "--simulate", "--speed", "1", "--iam=enforce", "--detach"];
    const started = await berth("up", ...server);
    assert.equal(started.exitCode, 0, started.stderr);
  };
  const aws = (
    parameters: readonly string[],
    keys: { readonly id?: string; readonly secret?: string } = {},
  ) =>
    run("aws", ["--endpoint-url", endpoint, "--region", REGION, "--output", "json", ...parameters], {
      env: { AWS_ACCESS_KEY_ID: keys.id ?? "000000000000", AWS_SECRET_ACCESS_KEY: keys.secret ?? "x" },
    });
  const lookup = async (key?: LookupAttributeKey, value?: string): Promise<Event[]> => {
    const attributes = key === undefined ? undefined : [{ AttributeKey: key, AttributeValue: value }];
    return (await cloudTrail.send(new LookupEventsCommand({ LookupAttributes: attributes }))).Events ?? [];
  };
  const named = (name: string) => lookup("EventName", name);
  const secretsOnDisk = () =>
    readdirSync(state)
      .filter((file) => file.startsWith("trail.db"))
      .map((file) => readFileSync(join(state, file)).toString("latin1"))
      .flatMap((text) => SECRETS.filter((secret) => text.includes(secret)));
  let eve = { id: "", secret: "" };

  before(async () => {
    port = String(await findFreePort());
    endpoint = `http://127.0.0.1:${port}`;
    const credentials = { accessKeyId: "000000000000", secretAccessKey: "x" };
    cloudTrail = new CloudTrailClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
    await up();
  });

  after(async () => {
    await berth("down");
    rmSync(state, { recursive: true, force: true });
  });

  it("has what the AWS CLI did, a second later", async (context) => {
    if (await isMissing("aws", ["--version"])) return context.skip("the AWS CLI is not installed");
    const definition = [
      { name: "web", image: "web", memory: 64, environment: [{ name: "PASSWORD", value: SECRETS[1] }] },
    ];
    const calls = [
      ["ecs", "create-cluster", "--cluster-name", "story"],
      [
        "ecs",
        "register-task-definition",
        "--family",
        "web",
        "--container-definitions",
        JSON.stringify(definition),
      ],
      [
        "ssm",
        "put-parameter",
        "--name",
        "/db/password",
        "--type",
        "SecureString",
        "--value",
        SECRETS[0] ?? "",
      ],
      ["iam", "create-user", "--user-name", "eve"],
    ];
    for (const call of calls) assert.equal((await aws(call)).exitCode, 0, call.join(" "));
    const made = await aws(["iam", "create-access-key", "--user-name", "eve"]);
    const { AccessKey: key } = JSON.parse(made.stdout) as {
      readonly AccessKey: { readonly AccessKeyId: string; readonly SecretAccessKey: string };
    };
    eve = { id: key.AccessKeyId, secret: key.SecretAccessKey };
    SECRETS.push(eve.secret);
    await until("the last call is there", 5, async () => (await named("PutParameter")).length === 1);
    const [created] = await named("CreateCluster");
    const record: unknown = JSON.parse(present(created?.CloudTrailEvent, "event"));
    assert.ok(typeof record === "object" && record !== null);
    assert.deepEqual(Object.fromEntries(Object.entries(record))["requestParameters"], {
      clusterName: "story",
    });
    // IAM's events are at home in another region.
    assert.equal((await named("CreateUser")).length, 0);
  });

  it("has what boto3 did, and boto3 can ask for it", async (context) => {
    if (await isMissing("python3", ["-c", "import boto3"])) return context.skip("boto3 is not installed");
    const script = `
import boto3, time
options = dict(endpoint_url="${endpoint}", region_name="${REGION}", aws_access_key_id="000000000000", aws_secret_access_key="x")
boto3.client("ec2", **options).create_vpc(CidrBlock="10.7.0.0/16")
trail = boto3.client("cloudtrail", **options)
for attempt in range(50):
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateVpc"}])["Events"]
    if events: break
    time.sleep(0.1)
print(events[0]["Username"], [r["ResourceType"] for r in events[0]["Resources"]])
`;
    const finished = await run("python3", ["-c", script]);
    assert.equal(finished.exitCode, 0, finished.stderr);
    assert.match(finished.stdout, /^berth \[.*'AWS::EC2::VPC'/);
  });

  it("records who was denied, and who signed wrongly", async (context) => {
    if (eve.id === "") return context.skip("the AWS CLI is not installed");
    assert.notEqual((await aws(["ecs", "list-clusters"], eve)).exitCode, 0);
    assert.notEqual((await aws(["ecs", "list-services"], { ...eve, secret: "wrong" })).exitCode, 0);
    await until("both are there", 5, async () => (await lookup("AccessKeyId", eve.id)).length >= 2);
    const codes = (await lookup("Username", "eve")).map(({ EventName, CloudTrailEvent }) => [
      EventName,
      /"errorCode":"(\w+)"/.exec(CloudTrailEvent ?? "")?.[1],
    ]);
    assert.deepEqual(codes, [
      ["ListServices", "InvalidSignatureException"],
      ["ListClusters", "AccessDenied"],
    ]);
  });

  it("is found by each attribute", async () => {
    const [event] = await named("CreateCluster");
    const values: readonly (readonly [LookupAttributeKey, string | undefined])[] = [
      ["EventId", event?.EventId],
      ["EventName", "CreateCluster"],
      ["EventSource", "ecs.amazonaws.com"],
      ["ReadOnly", "false"],
      ["Username", "berth"],
      ["AccessKeyId", "000000000000"],
      ["ResourceName", "story"],
      ["ResourceType", "AWS::ECS::Cluster"],
    ];
    for (const [key, value] of values) {
      const found = await lookup(key, present(value, key));
      assert.ok(
        found.some(({ EventId }) => EventId === event?.EventId),
        key,
      );
    }
    assert.deepEqual(await lookup("ResourceName", "stor"), []);
    assert.deepEqual((await cloudTrail.send(new DescribeTrailsCommand({}))).trailList, []);
  });

  it("no secret is in its file", () => {
    assert.deepEqual(secretsOnDisk(), []);
  });

  it("survives kill -9", async () => {
    const before = (await lookup("EventName", "CreateCluster"))[0]?.EventId;
    await until(
      "the second has passed",
      5,
      async () => (await lookup("EventName", "LookupEvents")).length > 0,
    );
    const { processId } = JSON.parse(readFileSync(join(state, "berth.pid"), "utf8")) as { processId: number };
    process.kill(processId, "SIGKILL");
    await up();
    assert.equal((await lookup("EventName", "CreateCluster"))[0]?.EventId, before);
    assert.deepEqual(secretsOnDisk(), []);
  });

  it("berth trail tells it in lines", async () => {
    const all = await berth("trail", "--since", "10m", "--event", "ecs:*");
    assert.match(
      all.stdout,
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}berth +ecs:CreateCluster +clusterName=story$/m,
    );
    const errors = await berth("trail", "--errors", "--user", "eve");
    const lines = errors.stdout.trimEnd().split("\n");
    assert.equal(lines.length, eve.id === "" ? 1 : 2, errors.stdout);
    if (eve.id !== "") assert.match(lines[0] ?? "", /eve +ecs:ListClusters +AccessDenied: User: arn:aws:iam/);
    const json = await berth("trail", "--json", "--event", "CreateCluster");
    assert.equal((JSON.parse(json.stdout) as { eventName: string }).eventName, "CreateCluster");
  });
});
