/** EventBridge: events from PutEvents reach log groups, by rules that Terraform makes, and survive a kill. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CreateLogGroupCommand,
  DeleteResourcePolicyCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { REGION, startTestBerth, type TestBerth, until } from "./harness.ts";
import { startTerraform, type Terraform, terraformMissing } from "./terraform.ts";

const CONFIGURATION = fileURLToPath(new URL("./events", import.meta.url));
const GROUP = "/aws/events/app";
const ROUNDS = 4;
const EVENTS_A_ROUND = 10;

describe("events", { timeout: 10 * 60_000 }, () => {
  let berth: TestBerth;
  let events: EventBridgeClient;
  const folder = mkdtempSync("/tmp/bs-events-");

  before(async () => {
    berth = await startTestBerth();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    events = new EventBridgeClient({ endpoint: berth.endpoint, region: REGION, credentials, maxAttempts: 1 });
  });

  after(() => {
    berth?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  async function put(entries: PutEventsRequestEntry[]): Promise<string[]> {
    const { Entries, FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: entries }));
    assert.equal(FailedEntryCount, 0);
    return (Entries ?? []).map(({ EventId }) => EventId ?? "");
  }

  async function messages(logGroupName: string): Promise<string[]> {
    const { events: lines } = await berth.logs.send(new FilterLogEventsCommand({ logGroupName }));
    return (lines ?? []).map(({ message }) => message ?? "");
  }

  const ids = async () => (await messages(GROUP)).map((message) => String(JSON.parse(message).id));

  test("a log group takes events only when a resource policy lets EventBridge write", async () => {
    await berth.logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    await events.send(new PutRuleCommand({ Name: "app", EventPattern: '{"source": [{"prefix": "app"}]}' }));
    const Arn = `arn:aws:logs:${REGION}:000000000000:log-group:${GROUP}`;
    await events.send(new PutTargetsCommand({ Rule: "app", Targets: [{ Id: "logs", Arn }] }));
    const entry = { Source: "app", DetailType: "first", Detail: '{"a": [1, "b"]}', Resources: ["r"] };
    await put([entry]);
    const policyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `${Arn}:*`,
        },
      ],
    });
    await berth.logs.send(new PutResourcePolicyCommand({ policyName: "app", policyDocument }));
    const [id] = await put([entry, { ...entry, Source: "other" }]);
    await until("the event is written", 10, async () => (await ids()).length > 0);
    const [message = "", ...more] = await messages(GROUP);
    const { time, ...event } = JSON.parse(message);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(event, {
      version: "0",
      id,
      "detail-type": "first",
      source: "app",
      account: "000000000000",
      region: REGION,
      resources: ["r"],
      detail: { a: [1, "b"] },
    });
    assert.deepEqual(more, [], "what came before the policy is lost, as on AWS");
  });

  test("an event that was answered is delivered, once, though Berth is killed", async () => {
    const sent: string[] = await ids();
    for (let round = 0; round < ROUNDS; round++) {
      const entry = { Source: "app", DetailType: `round-${round}`, Detail: "{}" };
      const processId = berth.processId();
      sent.push(...(await put(Array(EVENTS_A_ROUND).fill(entry))));
      process.kill(processId, "SIGKILL");
      await until("the process is gone", 5, () => !isAlive(processId));
      berth.up();
    }
    await until("every event is written", 20, async () => (await ids()).length >= sent.length);
    assert.deepEqual((await ids()).sort(), sent.sort());
  });

  describe("by Terraform", { skip: terraformMissing() }, () => {
    let terraform: Terraform;

    test("rules on two buses: what matches is forwarded, transformed and written", async () => {
      await berth.logs.send(new DeleteResourcePolicyCommand({ policyName: "app" }));
      terraform = await startTerraform(CONFIGURATION, folder, berth.endpoint);
      await terraform.apply();
      await terraform.planNothing();
      const order = (detail: object) => ({
        Source: "shop",
        DetailType: "Order",
        Detail: JSON.stringify(detail),
      });
      await put([
        order({ order: "o-1", status: "shipped", total: 20 }),
        order({ order: "o-2", status: "packed", total: 20 }),
        order({ order: "o-3", status: "shipped", total: 5 }),
      ]);
      await until("the order is written", 10, async () => (await messages("/aws/events/brief")).length > 0);
      assert.deepEqual(await messages("/aws/events/brief"), ["o-1 is shipped"]);
      const details = (await messages("/aws/events/orders")).map(
        (message) => JSON.parse(message).detail.order,
      );
      assert.deepEqual(details, ["o-1"]);
    });

    test("a change is made in place", async () => {
      const variable = 'statuses=["packed"]';
      await terraform.apply(variable);
      await terraform.planNothing(variable);
      await put([
        {
          Source: "shop",
          DetailType: "Order",
          Detail: JSON.stringify({ order: "o-4", status: "packed", total: 11 }),
        },
      ]);
      await until("the order is written", 10, async () => (await messages("/aws/events/brief")).length > 1);
      assert.deepEqual((await messages("/aws/events/brief")).at(-1), "o-4 is packed");
    });

    test("destroy leaves nothing", async () => {
      await terraform.destroy();
      const { EventBuses } = await events.send(new ListEventBusesCommand({}));
      assert.deepEqual(
        EventBuses?.map(({ Name }) => Name),
        ["default"],
      );
      const { Rules } = await events.send(new ListRulesCommand({}));
      assert.deepEqual(
        Rules?.map(({ Name }) => Name),
        ["app"],
      );
    });
  });
});

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
