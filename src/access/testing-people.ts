/** For tests: people with and without permissions, and what they are called. */
import assert from "node:assert/strict";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { systemRandom } from "../lib/random.ts";
import { findRoleByArn } from "../store/iam-access.ts";
import { issueSession } from "../store/iam-sessions.ts";
import type { FrontDoor } from "./testing.ts";

export const ACCOUNT = "111122223333";
export const OPERATOR: Keys = { accessKeyId: ACCOUNT, secretAccessKey: "x" };
export const TASK_TRUST = trust({ Service: "ecs-tasks.amazonaws.com" });

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export function trust(Principal: object, Condition?: object): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal, Action: ["sts:AssumeRole", "sts:TagSession"], Condition },
  });
}

export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

export function allow(
  Action: string | string[],
  Resource: string | string[] = "*",
  Condition?: object,
): object {
  return { Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** Users, roles and sessions of one account, and clients with their keys. */
export function peopleOf(door: FrontDoor) {
  const configured = (credentials: Keys, at: FrontDoor = door) => ({
    region: "ap-northeast-1",
    endpoint: at.endpoint,
    credentials,
    maxAttempts: 1,
  });
  const ecs = (keys: Keys, at: FrontDoor = door) => new ECSClient(configured(keys, at));
  const ec2 = (keys: Keys) => new EC2Client(configured(keys));
  const iam = (keys: Keys, at: FrontDoor = door) => new IAMClient(configured(keys, at));
  const sts = (keys: Keys, at: FrontDoor = door) => new STSClient(configured(keys, at));

  async function newUser(name: string, ...statements: object[]): Promise<Keys> {
    const client = iam(OPERATOR);
    await client.send(new CreateUserCommand({ UserName: name }));
    if (statements.length > 0) {
      await client.send(
        new PutUserPolicyCommand({
          UserName: name,
          PolicyName: "p",
          PolicyDocument: policy(...statements),
        }),
      );
    }
    return newKey(name);
  }

  async function newKey(name: string): Promise<Keys> {
    const { AccessKey } = await iam(OPERATOR).send(new CreateAccessKeyCommand({ UserName: name }));
    assert.match(AccessKey?.AccessKeyId ?? "", /^AKIA[A-Z2-7]{16}$/);
    assert.equal(AccessKey?.SecretAccessKey?.length, 40);
    return {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
  }

  async function newRole(name: string, trustPolicy: string, ...statements: object[]): Promise<string> {
    const { Role } = await iam(OPERATOR).send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trustPolicy }),
    );
    if (statements.length > 0) {
      await iam(OPERATOR).send(
        new PutRolePolicyCommand({ RoleName: name, PolicyName: "p", PolicyDocument: policy(...statements) }),
      );
    }
    return Role?.Arn ?? "";
  }

  /** As the task endpoint does. */
  function taskSession(roleArn: string, taskId: string, durationSeconds = 3600): Keys {
    const role = findRoleByArn(door.store, roleArn);
    assert.ok(role);
    const issuing = { random: systemRandom, sealingKey: door.sealingKey, now: door.clock.now() };
    const { expiration: _, ...keys } = door.store.transaction((tx) =>
      issueSession(tx, { role, sessionName: taskId, durationSeconds, issuedFor: taskId }, issuing),
    );
    return keys;
  }

  return { configured, ecs, ec2, iam, sts, newUser, newKey, newRole, taskSession };
}
