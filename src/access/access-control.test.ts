import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, describe, it } from "node:test";
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import {
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { ListHostedZonesCommand, Route53Client } from "@aws-sdk/client-route-53";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { openFrontDoor } from "./testing.ts";
import { ACCOUNT, allow, OPERATOR, peopleOf, policy, TASK_TRUST } from "./testing-people.ts";

const door = await openFrontDoor();
const people = peopleOf(door);
after(() => door.close());

describe("whose a key is, and its signatures", () => {
  describe("whose a key is", () => {
    it("any key that Berth did not issue is the operator's", async () => {
      const identity = await people
        .sts({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "any" })
        .send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, "arn:aws:iam::000000000000:user/berth");
    });

    it("a user's key is the user's, in the user's account", async () => {
      const keys = await people.newUser("carl");
      const identity = await people.sts(keys).send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, `arn:aws:iam::${ACCOUNT}:user/carl`);
      assert.equal(identity.Account, ACCOUNT);
      assert.match(identity.UserId ?? "", /^AIDA/);
      const used = await people
        .iam(OPERATOR)
        .send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId }));
      assert.equal(used.UserName, "carl");
      assert.equal(used.AccessKeyLastUsed?.ServiceName, "sts");
    });

    it("a task's session is its role's", async () => {
      const role = await people.newRole("who", TASK_TRUST);
      const identity = await people
        .sts(people.taskSession(role, "0123456789abcdef"))
        .send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/who/0123456789abcdef`);
      assert.match(identity.UserId ?? "", /^AROA[A-Z2-7]{17}:0123456789abcdef$/);
    });

    it("a secret lies nowhere in the open", async () => {
      const keys = await people.newUser("sealed");
      const { accessKeys } = await import("../store/tables/iam.ts");
      const kept = JSON.stringify(door.store.get(accessKeys, keys.accessKeyId));
      assert.ok(!kept.includes(keys.secretAccessKey));
    });
  });

  describe("signatures of issued keys", () => {
    it("a wrong secret is told by each protocol in its own words", async () => {
      const keys = { ...(await people.newUser("forger", allow("*"))), secretAccessKey: "guessed" };
      const calculated = /^The request signature we calculated does not match the signature you provided\./;
      await assert.rejects(people.ecs(keys).send(new ListTasksCommand({})), {
        name: "InvalidSignatureException",
        message: calculated,
      });
      await assert.rejects(people.iam(keys).send(new ListUsersCommand({})), {
        name: "SignatureDoesNotMatch",
        message: calculated,
      });
      await assert.rejects(new Route53Client(people.configured(keys)).send(new ListHostedZonesCommand({})), {
        name: "SignatureDoesNotMatch",
      });
      await assert.rejects(people.ec2(keys).send(new DescribeVpcsCommand({})), {
        name: "AuthFailure",
        message: "AWS was not able to validate the provided access credentials",
      });
    });

    it("a session without its token, or with another one, is none", async () => {
      const role = await people.newRole("tokens", TASK_TRUST, allow("*"));
      const session = people.taskSession(role, "t1");
      const other = people.taskSession(role, "t2");
      const { sessionToken: _, ...without } = session;
      for (const keys of [without, { ...session, sessionToken: other.sessionToken ?? "" }]) {
        await assert.rejects(people.ecs(keys).send(new ListTasksCommand({})), {
          name: "UnrecognizedClientException",
          message: "The security token included in the request is invalid.",
        });
        await assert.rejects(people.iam(keys).send(new ListUsersCommand({})), {
          name: "InvalidClientTokenId",
        });
      }
    });

    it("an expired session says so, also when it is forgotten; a deleted key is not the operator's", async () => {
      const role = await people.newRole("short", TASK_TRUST, allow("*"));
      const session = people.taskSession(role, "t1", 1);
      door.clock.advance(2000);
      await assert.rejects(people.ecs(session).send(new ListTasksCommand({})), {
        name: "ExpiredTokenException",
        message: "The security token included in the request is expired",
      });
      const { sessions } = await import("../store/tables/iam.ts");
      door.store.transaction((tx) => tx.delete(sessions, session.accessKeyId));
      await assert.rejects(people.sts(session).send(new GetCallerIdentityCommand({})), {
        name: "ExpiredToken",
      });
      const keys = await people.newUser("gone");
      await people
        .iam(OPERATOR)
        .send(
          new UpdateAccessKeyCommand({ UserName: "gone", AccessKeyId: keys.accessKeyId, Status: "Inactive" }),
        );
      await assert.rejects(people.sts(keys).send(new GetCallerIdentityCommand({})), {
        name: "InvalidClientTokenId",
      });
      await people
        .iam(OPERATOR)
        .send(new DeleteAccessKeyCommand({ UserName: "gone", AccessKeyId: keys.accessKeyId }));
      await assert.rejects(people.sts(keys).send(new GetCallerIdentityCommand({})), {
        name: "InvalidClientTokenId",
      });
    });

    it("a role that was deleted and made again does not know the old one's sessions", async () => {
      const role = await people.newRole("again", TASK_TRUST, allow("*"));
      const session = people.taskSession(role, "t1");
      await people.iam(OPERATOR).send(new DeleteRolePolicyCommand({ RoleName: "again", PolicyName: "p" }));
      await people.iam(OPERATOR).send(new DeleteRoleCommand({ RoleName: "again" }));
      await people.newRole("again", TASK_TRUST, allow("*"));
      await assert.rejects(people.sts(session).send(new GetCallerIdentityCommand({})), {
        name: "InvalidClientTokenId",
      });
    });

    it("a request that was signed cannot be sent again with another body", async () => {
      const keys = await people.newUser("replayed", allow("*"));
      const signed: { headers: Record<string, string>; body: string } = { headers: {}, body: "" };
      const client = people.ecs(keys);
      client.middlewareStack.add(
        (next) => (args) => {
          const request = args.request as { headers: Record<string, string>; body: string };
          signed.headers = request.headers;
          signed.body = String(request.body);
          return next(args);
        },
        { step: "finalizeRequest", priority: "low", name: "keep" },
      );
      await client.send(new CreateClusterCommand({ clusterName: "mine" }));
      assert.equal((await replay(door.endpoint, signed.headers, signed.body)).status, 200);
      const forged = signed.body.replace("mine", "evil");
      const { status, body } = await replay(door.endpoint, signed.headers, forged);
      assert.equal(status, 400);
      assert.match(body, /InvalidSignatureException/);
    });

    it("a signature that is too old is refused by its date", async () => {
      const keys = await people.newUser("late", allow("*"));
      const client = new STSClient({ ...people.configured(keys), systemClockOffset: -20 * 60_000 });
      await assert.rejects(client.send(new GetCallerIdentityCommand({})), {
        name: "SignatureDoesNotMatch",
        message:
          /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
      });
    });
  });

  it("from a task the operator's keys are nobody's", async () => {
    const inside = await openFrontDoor({ source: { address: "10.0.0.7", issuedKeysOnly: true } });
    try {
      await assert.rejects(people.ecs(OPERATOR, inside).send(new ListTasksCommand({})), {
        name: "UnrecognizedClientException",
      });
    } finally {
      await inside.close();
    }
  });

  it("--iam=enforce: the operator is a user whose policies can be changed", async () => {
    const strict = await openFrontDoor({ enforceOperator: true });
    try {
      const { User } = await people.iam(OPERATOR, strict).send(new GetUserCommand({}));
      assert.equal(User?.UserName, "berth");
      assert.match(User?.UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
      await people.ecs(OPERATOR, strict).send(new CreateClusterCommand({ clusterName: "a" }));
      await people.iam(OPERATOR, strict).send(
        new PutUserPolicyCommand({
          UserName: "berth",
          PolicyName: "no-clusters",
          PolicyDocument: policy({ Effect: "Deny", Action: "ecs:CreateCluster", Resource: "*" }),
        }),
      );
      await assert.rejects(
        people.ecs(OPERATOR, strict).send(new CreateClusterCommand({ clusterName: "b" })),
        {
          name: "AccessDeniedException",
        },
      );
    } finally {
      await strict.close();
    }
  });
});

function replay(
  endpoint: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${endpoint}/`,
      { method: "POST", headers: { ...headers, "content-length": String(Buffer.byteLength(body)) } },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
