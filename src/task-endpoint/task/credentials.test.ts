import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { INSTANCE_ID } from "../../reconcile/instance/testing.ts";
import { SCOPE } from "../../reconcile/task/testing.ts";
import { endSessionsOf } from "../../store/iam-sessions.ts";
import { containerInstances, tasks } from "../../store/tables/ecs.ts";
import { roles, sessions } from "../../store/tables/iam.ts";
import type { Ask } from "../testing.ts";
import { createTaskWorld, exampleRole, got, json, ROLE_ARN, TRUST } from "./testing.ts";

describe("credentials of a task", () => {
  it("are its role's, in a session named after the task, the same until near their end", async () => {
    const world = createTaskWorld();
    await world.serving(async (ask) => {
      const first = await json(ask, world.credentials);
      assert.deepEqual(Object.keys(first), [
        "RoleArn",
        "AccessKeyId",
        "SecretAccessKey",
        "Token",
        "Expiration",
      ]);
      assert.equal(first["RoleArn"], ROLE_ARN);
      assert.equal(Date.parse(String(first["Expiration"])) - world.clock.now(), 6 * 3600_000);
      const session = world.store.get(sessions, String(first["AccessKeyId"]));
      assert.equal(session?.arn, `arn:aws:sts::${SCOPE.account}:assumed-role/app/${world.task.taskId}`);
      world.clock.advance(4 * 3600_000);
      assert.deepEqual(await json(ask, world.credentials), first);
      world.clock.advance(1.5 * 3600_000);
      const second = await json(ask, world.credentials);
      assert.notEqual(second["AccessKeyId"], first["AccessKeyId"]);
      world.restart();
      const third = await json(ask, world.credentials);
      assert.ok(
        world.store.get(sessions, String(second["AccessKeyId"])),
        "those from before a restart stay good",
      );
      world.store.transaction((tx) => endSessionsOf(world.store, tx, world.task.taskId));
      assert.notEqual((await json(ask, world.credentials))["AccessKeyId"], third["AccessKeyId"]);
    });
  });

  it("are not given to another task, to an instance, to another VPC, or after the task", async () => {
    const world = createTaskWorld();
    const refused = async (from: string, vpcId = "vpc-1") =>
      world.serving(
        async (ask) => {
          const answer = await got(ask, world.credentials);
          assert.equal(answer.status, 400);
          assert.deepEqual(JSON.parse(answer.body), {
            code: "InvalidIdInRequest",
            message: "CredentialsV2Request: Credentials not found",
            HTTPErrorCode: 400,
          });
          assert.equal((await got(ask, `/v4/${world.endpointId}`)).status, 404);
          assert.equal((await got(ask, `/v3/${world.endpointId}/task`)).status, 500);
          assert.equal((await got(ask, `/api/${world.endpointId}/task-protection/v1/state`)).status, 404);
        },
        from,
        vpcId,
      );
    await refused("127.0.0.2");
    assert.match(world.warnings.join(), /credentials refused: they are another task's/);
    assert.match(world.warnings.join(), /metadata refused: it is another task's/);
    await refused("127.0.0.3");
    await refused("127.0.0.9");
    await refused("127.0.0.1", "vpc-2");
    world.store.transaction((tx) => tx.put(tasks, { ...world.task, lastStatus: "STOPPED" }));
    await refused("127.0.0.1");
    assert.equal(world.store.list(sessions).length, 0);
  });

  it("of a task without an interface of its own are given to its instance alone", async () => {
    const containerInstanceArn = "arn:aws:ecs:ap-northeast-1:000000000000:container-instance/main/1";
    const onInstance = { attachment: undefined, launchType: "EC2" as const, containerInstanceArn };
    const world = createTaskWorld(onInstance, { networkMode: "bridge" });
    world.store.transaction((tx) =>
      tx.put(containerInstances, {
        ...SCOPE,
        arn: containerInstanceArn,
        containerInstanceId: "1",
        clusterArn: world.task.clusterArn,
        ec2InstanceId: INSTANCE_ID,
        status: "ACTIVE",
        agentConnected: true,
        versionInfo: {},
        registeredResources: [],
        attributes: [{ name: "ecs.vpc-id", value: "vpc-1" }],
        registeredAt: 0,
        version: 1,
        tags: [],
      }),
    );
    await world.serving(async (ask) => {
      assert.equal((await json(ask, world.credentials))["RoleArn"], ROLE_ARN);
      const whole = await json(ask, `/v4/${world.endpointId}/task`);
      assert.equal(whole["VPCID"], "vpc-1");
      assert.equal(whole["Cluster"], "main");
      assert.equal((await got(ask, "/v2/metadata")).status, 400);
    }, "127.0.0.3");
    for (const other of ["127.0.0.1", "127.0.0.9"]) {
      await world.serving(
        async (ask) => assert.equal((await got(ask, world.credentials)).status, 400),
        other,
      );
    }
  });

  it("need an id, and a role that is there and lets tasks assume it", async () => {
    const world = createTaskWorld();
    const codeOf = async (ask: Ask, path: string) => JSON.parse((await got(ask, path)).body).code;
    await world.serving(async (ask) => {
      assert.equal(await codeOf(ask, "/v2/credentials/"), "NoIdInRequest");
      assert.equal(await codeOf(ask, "/v2/credentials/unknown"), "InvalidIdInRequest");
      assert.equal((await got(ask, `/v1/credentials?id=${world.task.credentialsId}`)).status, 200);
      const untrusting = TRUST.replace("ecs-tasks", "ec2");
      world.store.transaction((tx) => tx.put(roles, exampleRole({ assumeRolePolicyDocument: untrusting })));
      assert.equal(await codeOf(ask, world.credentials), "InvalidIdInRequest");
      world.store.transaction((tx) => tx.delete(roles, `${SCOPE.account}/app`));
      assert.equal(await codeOf(ask, world.credentials), "InvalidIdInRequest");
    });
  });
});

describe("task protection by the agent's API", () => {
  it("asks ECS in the name of the task's role", async () => {
    const world = createTaskWorld({ serviceArn: "arn:aws:ecs:ap-northeast-1:000000000000:service/main/web" });
    const path = `/api/${world.endpointId}/task-protection/v1/state`;
    const allow = (Action: string) =>
      world.store.transaction((tx) =>
        tx.put(
          roles,
          exampleRole({
            inlinePolicies: [
              {
                policyName: "own",
                policyDocument: JSON.stringify({
                  Version: "2012-10-17",
                  Statement: [{ Effect: "Allow", Action, Resource: "*" }],
                }),
              },
            ],
          }),
        ),
      );
    await world.serving(async (ask) => {
      const answer = await got(ask, path);
      assert.equal(answer.status, 400);
      const { error } = JSON.parse(answer.body);
      assert.equal(error.Code, "AccessDeniedException");
      assert.match(error.Message, /is not authorized to perform: ecs:GetTaskProtection on resource/);
      allow("ecs:*TaskProtection");
      assert.deepEqual(await json(ask, path), {
        protection: { ExpirationDate: null, ProtectionEnabled: false, TaskArn: world.task.arn },
      });
      const put = async (body: string) => {
        const answered = await ask("PUT", path, {}, body);
        assert.ok(answered !== "closed");
        return { status: answered.status, body: JSON.parse(answered.body) };
      };
      assert.deepEqual(await put('{"ProtectionEnabled":true,"ExpiresInMinutes":10}'), {
        status: 200,
        body: {
          protection: {
            ExpirationDate: new Date(world.clock.now() + 600_000).toISOString(),
            ProtectionEnabled: true,
            TaskArn: world.task.arn,
          },
        },
      });
      for (const [body, code] of [
        ["{", "InvalidParameterException"],
        ['{"Other":1}', "InvalidParameterException"],
        ["{}", "InvalidParameterException"],
        ['{"ProtectionEnabled":true,"ExpiresInMinutes":2881}', "InvalidParameterException"],
      ] as const) {
        const refused = await put(body);
        assert.equal(refused.status, 400, body);
        assert.equal(refused.body.error.Code, code);
      }
    });
  });
});
