import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { CreateClusterCommand, ListClustersCommand } from "@aws-sdk/client-ecs";
import { ListUsersCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from "@aws-sdk/client-sts";
import { openFrontDoor } from "./testing.ts";
import {
  ACCOUNT,
  allow,
  type Keys,
  OPERATOR,
  peopleOf,
  policy,
  TASK_TRUST,
  trust,
} from "./testing-people.ts";

const door = await openFrontDoor();
const people = peopleOf(door);
after(() => door.close());

describe("temporary credentials", () => {
  const assume = (keys: Keys, RoleArn: string, more: object = {}) =>
    people.sts(keys).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "build", ...more }));

  describe("AssumeRole", () => {
    const refused = (user: string, role: string) => ({
      name: "AccessDenied",
      message: `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
    });

    it("a trusted account leaves it to its own policies; a trusted user needs none", async () => {
      const user = `arn:aws:iam::${ACCOUNT}:user/assumer`;
      const keys = await people.newUser("assumer");
      const byAccount = await people.newRole("by-account", trust({ AWS: ACCOUNT }));
      const byName = await people.newRole("by-name", trust({ AWS: user }), allow("ecs:ListTasks"));
      await assert.rejects(assume(keys, byAccount), refused(user, byAccount));
      const { Credentials, AssumedRoleUser } = await assume(keys, byName);
      assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/by-name/build`);
      const session = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      assert.match(session.accessKeyId, /^ASIA/);
      await assert.rejects(
        people.ecs(session).send(new CreateClusterCommand({})),
        /assumed-role\/by-name\/build/,
      );
      await people.iam(OPERATOR).send(
        new PutUserPolicyCommand({
          UserName: "assumer",
          PolicyName: "assume",
          PolicyDocument: policy(allow("sts:AssumeRole", byAccount)),
        }),
      );
      await assume(keys, byAccount);
    });

    it("a role for tasks is not had by a user, nor one that is not there", async () => {
      const role = await people.newRole("tasks-only", TASK_TRUST);
      await assert.rejects(assume(OPERATOR, role), refused(`arn:aws:iam::${ACCOUNT}:user/berth`, role));
      const none = `arn:aws:iam::${ACCOUNT}:role/none`;
      await assert.rejects(assume(OPERATOR, none), refused(`arn:aws:iam::${ACCOUNT}:user/berth`, none));
    });

    it("an external id is a condition like others", async () => {
      const condition = { StringEquals: { "sts:ExternalId": "secret" } };
      const role = await people.newRole(
        "external",
        trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }, condition),
      );
      await assert.rejects(assume(OPERATOR, role), { name: "AccessDenied" });
      await assume(OPERATOR, role, { ExternalId: "secret" });
    });

    it("session policies narrow it, and the duration has its bounds", async () => {
      const role = await people.newRole("limited", trust({ AWS: ACCOUNT }), allow("ecs:*"));
      const { Credentials } = await assume(OPERATOR, role, {
        Policy: policy(allow("ecs:ListTasks")),
        DurationSeconds: 900,
      });
      const session = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      await assert.rejects(people.ecs(session).send(new CreateClusterCommand({})), {
        message: /because no session policy allows the ecs:CreateCluster action$/,
      });
      await assert.rejects(assume(OPERATOR, role, { DurationSeconds: 7200 }), {
        name: "ValidationError",
        message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      });
      await assert.rejects(assume(OPERATOR, role, { DurationSeconds: 1 }), { name: "ValidationError" });
    });

    it("GetSessionToken's credentials are the user's, but not for IAM", async () => {
      const keys = await people.newUser("token", allow("*"));
      const { Credentials } = await people.sts(keys).send(new GetSessionTokenCommand({}));
      const session = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      const identity = await people.sts(session).send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, `arn:aws:iam::${ACCOUNT}:user/token`);
      await assert.rejects(people.iam(session).send(new ListUsersCommand({})), {
        name: "InvalidClientTokenId",
      });
      await assert.rejects(people.sts(session).send(new GetSessionTokenCommand({})), {
        name: "AccessDenied",
      });
    });
  });

  describe("GetFederationToken", () => {
    it("gives what user and policy both allow, and nothing without a policy", async () => {
      const keys = await people.newUser("broker", allow(["sts:GetFederationToken", "ecs:List*"]));
      const federate = async (more: object = {}) => {
        const command = new GetFederationTokenCommand({ Name: "ana", ...more });
        const { Credentials, FederatedUser } = await people.sts(keys).send(command);
        assert.equal(FederatedUser?.FederatedUserId, `${ACCOUNT}:ana`);
        return {
          accessKeyId: Credentials?.AccessKeyId ?? "",
          secretAccessKey: Credentials?.SecretAccessKey ?? "",
          sessionToken: Credentials?.SessionToken ?? "",
        };
      };
      const arn = `arn:aws:sts::${ACCOUNT}:federated-user/ana`;
      const bare = await federate();
      const { Arn, UserId } = await people.sts(bare).send(new GetCallerIdentityCommand({}));
      assert.deepEqual([Arn, UserId], [arn, `${ACCOUNT}:ana`]);
      await assert.rejects(people.ecs(bare).send(new ListClustersCommand({})), {
        message: `User: ${arn} is not authorized to perform: ecs:ListClusters on resource: * because no session policy allows the ecs:ListClusters action`,
      });
      const given = await federate({ Policy: policy(allow("ecs:*")) });
      await people.ecs(given).send(new ListClustersCommand({}));
      await assert.rejects(people.ecs(given).send(new CreateClusterCommand({})), {
        name: "AccessDeniedException",
      });
      const role = await people.newRole("for-all", trust({ AWS: ACCOUNT }));
      await assert.rejects(assume(given, role), { name: "AccessDenied" });
      await assert.rejects(people.sts(given).send(new GetFederationTokenCommand({ Name: "eve" })), {
        name: "AccessDenied",
      });
      await assert.rejects(people.iam(given).send(new ListUsersCommand({})), {
        name: "InvalidClientTokenId",
      });
    });

    it("is refused without the permission, and to names that are none", async () => {
      const keys = await people.newUser("no-broker", allow("ecs:*"));
      const named = (Name: string) => people.sts(keys).send(new GetFederationTokenCommand({ Name }));
      await assert.rejects(named("ana"), {
        name: "AccessDenied",
        message: `User: arn:aws:iam::${ACCOUNT}:user/no-broker is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::${ACCOUNT}:federated-user/ana because no identity-based policy allows the sts:GetFederationToken action`,
      });
      const able = await people.newUser("broker-2", allow("*"));
      await assert.rejects(people.sts(able).send(new GetFederationTokenCommand({ Name: "a b" })), {
        name: "ValidationError",
      });
    });
  });
});
