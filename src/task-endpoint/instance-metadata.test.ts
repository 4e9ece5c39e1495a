import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemRandom } from "../lib/random.ts";
import { findInstanceType } from "../model/ec2/instance-types.ts";
import type { Instance } from "../model/ec2/records.ts";
import { parseAgentConfiguration } from "../model/ecs/agent-configuration.ts";
import { newContainerInstance } from "../model/ecs/container-instance.ts";
import {
  exampleInstance,
  exampleInterface,
  exampleSurroundings,
  INSTANCE_ID,
} from "../reconcile/instance/testing.ts";
import { testClock } from "../services/testing.ts";
import { Store } from "../store/store.ts";
import { instances, keyPairs, networkInterfaces } from "../store/tables/ec2.ts";
import { containerInstances } from "../store/tables/ecs.ts";
import { instanceProfiles, roles, sessions } from "../store/tables/iam.ts";
import { handleMetadata } from "./instance-metadata.ts";
import { createSessionCredentials } from "./session-credentials.ts";
import { type Answer, type Ask, serving } from "./testing.ts";

const META = "/latest/meta-data";
const TOKEN = "x-aws-ec2-metadata-token";
const TTL = "x-aws-ec2-metadata-token-ttl-seconds";

function createMetadataWorld(changes: Partial<Instance> = {}) {
  const store = new Store(":memory:");
  const clock = testClock();
  exampleSurroundings(store);
  store.transaction((tx) => {
    tx.put(instances, exampleInstance(changes));
    tx.put(networkInterfaces, exampleInterface({ privateIpAddress: "127.0.0.1" }));
  });
  const sealingKey = "sealing key of the tests";
  const source = () => ({
    store,
    clock,
    sealingKey,
    credentials: createSessionCredentials({ store, clock, random: systemRandom, sealingKey }),
  });
  let current = source();
  return {
    store,
    clock,
    /** As a new process would. */
    restart: () => {
      current = source();
    },
    serving: (work: (ask: Ask) => Promise<void>, vpcId = "vpc-1", from?: string) =>
      serving((request, response) => handleMetadata(current, vpcId, request, response), work, from),
  };
}

async function got(ask: Ask, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await ask("GET", path, headers);
  assert.ok(answer !== "closed", `${path} was not answered`);
  return answer;
}

const REQUIRED: Partial<Instance> = {
  metadataOptions: {
    httpTokens: "required",
    httpEndpoint: "enabled",
    httpPutResponseHopLimit: 2,
    instanceMetadataTags: "disabled",
  },
};

describe("who may ask the instance metadata service", () => {
  it("answers an instance of that VPC, and hangs up on everyone else", async () => {
    const world = createMetadataWorld();
    await world.serving(async (ask) =>
      assert.equal((await got(ask, `${META}/instance-id`)).body, INSTANCE_ID),
    );
    await world.serving(async (ask) => assert.equal(await ask("GET", META), "closed"), "vpc-2");
    await world.serving(async (ask) => assert.equal(await ask("GET", META), "closed"), "vpc-1", "127.0.0.9");
  });

  it("answers a task with its own interface on an instance, not one on Fargate", async () => {
    const owner = { kind: "ecs-task" as const, taskArn: "t", attachmentArn: "a" };
    const world = createMetadataWorld();
    world.store.transaction((tx) => {
      tx.put(networkInterfaces, exampleInterface({ privateIpAddress: "127.0.0.2", owner }, 1));
      tx.put(networkInterfaces, {
        ...exampleInterface({ privateIpAddress: "127.0.0.3", owner, instanceAttachment: undefined }, 2),
      });
    });
    await world.serving(
      async (ask) => assert.equal((await got(ask, `${META}/instance-id`)).body, INSTANCE_ID),
      "vpc-1",
      "127.0.0.2",
    );
    await world.serving(async (ask) => assert.equal(await ask("GET", META), "closed"), "vpc-1", "127.0.0.3");
  });

  it("hangs up on tasks where the agent blocks them, not on the instance", async () => {
    const owner = { kind: "ecs-task" as const, taskArn: "t", attachmentArn: "a" };
    const world = createMetadataWorld();
    const type = findInstanceType("t3.small");
    assert.ok(type);
    const registered = newContainerInstance(
      {
        scope: { account: "000000000000", region: "ap-northeast-1" },
        cluster: { arn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/main", name: "main" },
        instance: exampleInstance(),
        instanceType: type,
        agent: parseAgentConfiguration("ECS_AWSVPC_BLOCK_IMDS=true"),
        trunking: false,
        now: 0,
      },
      systemRandom,
    );
    world.store.transaction((tx) => {
      tx.put(networkInterfaces, exampleInterface({ privateIpAddress: "127.0.0.2", owner }, 1));
      tx.put(containerInstances, registered);
    });
    await world.serving(async (ask) => assert.equal((await got(ask, META)).status, 200));
    await world.serving(async (ask) => assert.equal(await ask("GET", META), "closed"), "vpc-1", "127.0.0.2");
  });

  it("is forbidden where the endpoint is disabled", async () => {
    const world = createMetadataWorld({
      metadataOptions: { ...exampleInstance().metadataOptions, httpEndpoint: "disabled" },
    });
    await world.serving(async (ask) => assert.equal((await got(ask, META)).status, 403));
  });
});

describe("IMDSv2", () => {
  it("asks for a token where it is required, and takes it until it ends, over a restart", async () => {
    const world = createMetadataWorld(REQUIRED);
    await world.serving(async (ask) => {
      const refused = await got(ask, `${META}/ami-id`);
      assert.equal(refused.status, 401);
      assert.match(refused.body, /<title>401 - Unauthorized<\/title>/);
      const given = await ask("PUT", "/latest/api/token", { [TTL]: "60" });
      assert.ok(given !== "closed" && given.status === 200);
      assert.equal(given.headers[TTL], "60");
      world.restart();
      assert.equal((await got(ask, `${META}/ami-id`, { [TOKEN]: given.body })).status, 200);
      world.clock.advance(60_000);
      assert.equal((await got(ask, `${META}/ami-id`, { [TOKEN]: given.body })).status, 401);
    });
  });

  it("takes no false token, nor another instance's, also where none is required", async () => {
    const world = createMetadataWorld();
    const other = "i-0aaaaaaaaaaaaaaaa";
    world.store.transaction((tx) => {
      tx.put(instances, exampleInstance({ instanceId: other }));
      const attachment = { instanceId: other, deviceIndex: 0, deleteOnTermination: true, attachTime: 0 };
      tx.put(
        networkInterfaces,
        exampleInterface({ privateIpAddress: "127.0.0.2", instanceAttachment: attachment }, 3),
      );
    });
    let stolen = "";
    await world.serving(
      async (ask) => {
        const given = await ask("PUT", "/latest/api/token", { [TTL]: "60" });
        stolen = given === "closed" ? "" : given.body;
      },
      "vpc-1",
      "127.0.0.2",
    );
    await world.serving(async (ask) => {
      for (const token of ["", "x", stolen]) {
        assert.equal((await got(ask, META, { [TOKEN]: token })).status, 401, token);
      }
    });
  });

  const cases: readonly (readonly [
    method: string,
    headers: Readonly<Record<string, string>>,
    status: number,
  ])[] = [
    ["PUT", {}, 400],
    ["PUT", { [TTL]: "0" }, 400],
    ["PUT", { [TTL]: "21601" }, 400],
    ["PUT", { [TTL]: "1.5" }, 400],
    ["PUT", { [TTL]: "21600" }, 200],
    ["PUT", { [TTL]: "60", "x-forwarded-for": "10.0.0.1" }, 403],
    ["GET", { [TTL]: "60" }, 405],
  ];
  for (const [method, headers, status] of cases) {
    it(`${method} of a token with ${JSON.stringify(headers)} is answered ${status}`, async () => {
      await createMetadataWorld().serving(async (ask) => {
        const answer = await ask(method, "/latest/api/token", headers);
        assert.equal(answer === "closed" ? answer : answer.status, status);
      });
    });
  }
});

describe("instance metadata", () => {
  it("lists directories, one name a line", async () => {
    await createMetadataWorld().serving(async (ask) => {
      assert.match((await got(ask, "/")).body, /^1\.0\n.*\nlatest$/s);
      assert.equal((await got(ask, "/latest")).body, "dynamic\nmeta-data\nuser-data");
      const names = (await got(ask, `${META}/`)).body.split("\n");
      assert.deepEqual(names, [...names].sort());
      assert.ok(names.includes("ami-id") && names.includes("placement/") && names.includes("iam/"));
      assert.ok(
        !names.includes("public-ipv4") && !names.includes("tags/") && !names.includes("public-keys/"),
      );
      assert.equal((await got(ask, `${META}/network/interfaces/macs`)).body, "0a:00:00:00:00:00/");
    });
  });

  const values: readonly (readonly [path: string, value: string])[] = [
    ["local-ipv4", "127.0.0.1"],
    ["local-hostname", "ip-127-0-0-1.ap-northeast-1.compute.internal"],
    ["mac", "0a:00:00:00:00:00"],
    ["placement/availability-zone", "ap-northeast-1a"],
    ["placement/region", "ap-northeast-1"],
    ["instance-type", "t3.small"],
    ["network/interfaces/macs/0a:00:00:00:00:00/subnet-ipv4-cidr-block", "10.0.1.0/24"],
    ["network/interfaces/macs/0a:00:00:00:00:00/device-number", "0"],
    ["services/domain", "amazonaws.com"],
    ["iam/security-credentials/", "ecsInstanceRole"],
  ];
  for (const [path, value] of values) {
    it(`${path} is ${value}`, async () => {
      await createMetadataWorld().serving(async (ask) => {
        assert.equal((await got(ask, `${META}/${path}`)).body, value);
      });
    });
  }

  it("tells tags where that is enabled, and the key pair", async () => {
    const world = createMetadataWorld({
      tags: [{ key: "Name", value: "one" }],
      keyName: "mine",
      metadataOptions: { ...exampleInstance().metadataOptions, instanceMetadataTags: "enabled" },
    });
    world.store.transaction((tx) =>
      tx.put(keyPairs, {
        account: "000000000000",
        region: "ap-northeast-1",
        keyPairId: "key-1",
        keyName: "mine",
        keyType: "rsa",
        fingerprint: "",
        publicKey: "ssh-rsa AAAA mine",
        createTime: 0,
        tags: [],
      }),
    );
    await world.serving(async (ask) => {
      assert.equal((await got(ask, `${META}/tags/instance/Name`)).body, "one");
      assert.equal((await got(ask, `${META}/public-keys/`)).body, "0=mine");
      assert.equal((await got(ask, `${META}/public-keys/0/openssh-key`)).body, "ssh-rsa AAAA mine");
    });
  });

  it("answers what is not there with 404 in EC2's form", async () => {
    const world = createMetadataWorld({ userData: undefined });
    await world.serving(async (ask) => {
      for (const path of [
        `${META}/nothing`,
        "/latest/user-data",
        "/2999-01-01/",
        `${META}/constructor`,
        "/%zz",
      ]) {
        const answer = await got(ask, path);
        assert.equal(answer.status, path === "/%zz" ? 400 : 404, path);
      }
      assert.match(
        (await got(ask, "/latest/user-data")).body,
        /^<\?xml version="1\.0" encoding="iso-8859-1"\?>/,
      );
    });
  });

  it("gives user data as it was given, and the identity document", async () => {
    await createMetadataWorld({ userData: Buffer.from([0x1f, 0x8b, 0xff]).toString("base64") }).serving(
      async (ask) => assert.equal((await got(ask, "/latest/user-data")).headers["content-length"], "3"),
    );
    await createMetadataWorld().serving(async (ask) => {
      const { body } = await got(ask, "/latest/dynamic/instance-identity/document");
      assert.match(body, /^\{\n {2}"accountId" : "000000000000",\n/);
      assert.equal(JSON.parse(body).instanceId, INSTANCE_ID);
    });
  });
});

describe("credentials of an instance", () => {
  const PATH = `${META}/iam/security-credentials/ecsInstanceRole`;

  it("are a session of its role, the same until they are about to end", async () => {
    const world = createMetadataWorld();
    await world.serving(async (ask) => {
      const first = JSON.parse((await got(ask, PATH)).body);
      assert.equal(first.Code, "Success");
      assert.match(first.AccessKeyId, /^ASIA/);
      assert.equal(Date.parse(first.Expiration) - world.clock.now(), 6 * 3_600_000);
      assert.equal(
        world.store.get(sessions, first.AccessKeyId)?.arn,
        `arn:aws:sts::000000000000:assumed-role/ecsInstanceRole/${INSTANCE_ID}`,
      );
      world.clock.advance(3_600_000);
      assert.equal(JSON.parse((await got(ask, PATH)).body).AccessKeyId, first.AccessKeyId);
      world.clock.advance(4 * 3_600_000);
      assert.notEqual(JSON.parse((await got(ask, PATH)).body).AccessKeyId, first.AccessKeyId);
    });
  });

  it("are not made by listing them", async () => {
    const world = createMetadataWorld();
    await world.serving(async (ask) => {
      await got(ask, `${META}/iam/security-credentials/`);
      assert.equal(world.store.list(sessions).length, 0);
    });
  });

  it("are refused where the role does not trust EC2", async () => {
    const world = createMetadataWorld();
    const role = world.store.list(roles)[0];
    assert.ok(role);
    world.store.transaction((tx) =>
      tx.put(roles, {
        ...role,
        assumeRolePolicyDocument: role.assumeRolePolicyDocument.replace("ec2.", "ecs."),
      }),
    );
    await world.serving(async (ask) =>
      assert.equal(JSON.parse((await got(ask, PATH)).body).Code, "AssumeRoleUnauthorizedAccess"),
    );
  });

  it("are not there without a profile, or without a role in it", async () => {
    const without = createMetadataWorld({ iamInstanceProfileArn: undefined });
    await without.serving(async (ask) => assert.equal((await got(ask, `${META}/iam/info`)).status, 404));
    const world = createMetadataWorld();
    const profile = world.store.list(instanceProfiles)[0];
    assert.ok(profile);
    world.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, roleNames: [] }));
    await world.serving(async (ask) => {
      assert.equal((await got(ask, PATH)).status, 404);
      assert.equal(JSON.parse((await got(ask, `${META}/iam/info`)).body).InstanceProfileArn, profile.arn);
    });
  });
});
