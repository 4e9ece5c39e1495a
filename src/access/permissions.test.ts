import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CreateVpcCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import { AttachUserPolicyCommand, ListRolesCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { openFrontDoor } from "./testing.ts";
import { ACCOUNT, allow, OPERATOR, peopleOf, policy, TASK_TRUST } from "./testing-people.ts";

const door = await openFrontDoor();
const people = peopleOf(door);
after(() => door.close());

describe("what a key may do", () => {
  describe("permissions", () => {
    it("nothing is allowed to who has no policy; each service says so in its own form", async () => {
      const keys = await people.newUser("nobody");
      const user = `arn:aws:iam::${ACCOUNT}:user/nobody`;
      await assert.rejects(people.ecs(keys).send(new ListTasksCommand({})), {
        name: "AccessDeniedException",
        message: `User: ${user} is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action`,
      });
      await assert.rejects(people.ec2(keys).send(new DescribeVpcsCommand({})), {
        name: "UnauthorizedOperation",
        message: `You are not authorized to perform this operation. User: ${user} is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action`,
      });
      await assert.rejects(people.iam(keys).send(new ListRolesCommand({})), {
        name: "AccessDenied",
        message: `User: ${user} is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::${ACCOUNT}:role/ because no identity-based policy allows the iam:ListRoles action`,
      });
      await assert.rejects(
        new AutoScalingClient(people.configured(keys)).send(new DescribeAutoScalingGroupsCommand({})),
        {
          name: "AccessDenied",
          message: `User: ${user} is not authorized to perform: autoscaling:DescribeAutoScalingGroups because no identity-based policy allows the autoscaling:DescribeAutoScalingGroups action`,
        },
      );
    });

    it("resources, conditions and tags are asked for", async () => {
      const keys = await people.newUser(
        "narrow",
        allow("ecs:DescribeClusters", `arn:aws:ecs:*:${ACCOUNT}:cluster/web-*`),
        allow("ecs:CreateCluster", "*", { StringEquals: { "aws:RequestTag/team": "web" } }),
        allow("ecs:TagResource", "*", { StringEquals: { "ecs:CreateAction": "CreateCluster" } }),
        allow("ecs:DeleteCluster", "*", { StringEquals: { "aws:ResourceTag/team": `$\{aws:username}` } }),
      );
      await people.ecs(keys).send(new DescribeClustersCommand({ clusters: ["web-1", "web-2"] }));
      await assert.rejects(
        people.ecs(keys).send(new DescribeClustersCommand({ clusters: ["web-1", "db"] })),
        {
          name: "AccessDeniedException",
          message: new RegExp(`on resource: arn:aws:ecs:ap-northeast-1:${ACCOUNT}:cluster/db because`),
        },
      );
      await assert.rejects(
        people.ecs(keys).send(new CreateClusterCommand({ clusterName: "c" })),
        /ecs:CreateCluster/,
      );
      await people
        .ecs(keys)
        .send(new CreateClusterCommand({ clusterName: "c", tags: [{ key: "team", value: "web" }] }));
    });

    it("an explicit deny, a boundary and a session policy have the last word", async () => {
      const keys = await people.newUser("denied", allow("*"), {
        Effect: "Deny",
        Action: "ecs:CreateCluster",
        Resource: "*",
      });
      await assert.rejects(people.ecs(keys).send(new CreateClusterCommand({ clusterName: "c" })), {
        message:
          /on resource: arn:aws:ecs:ap-northeast-1:111122223333:cluster\/c with an explicit deny in an identity-based policy$/,
      });
    });

    it("another account's resources are not to be had by their ARNs", async () => {
      await people
        .ecs({ ...OPERATOR, accessKeyId: "444455556666" })
        .send(new CreateClusterCommand({ clusterName: "theirs" }));
      const role = await people.newRole("greedy", TASK_TRUST, allow("*"));
      const arn = "arn:aws:ecs:ap-northeast-1:444455556666:cluster/theirs";
      await assert.rejects(
        people.ecs(people.taskSession(role, "t1")).send(new DescribeClustersCommand({ clusters: [arn] })),
        {
          name: "AccessDeniedException",
          message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/greedy/t1 is not authorized to perform: ecs:DescribeClusters on resource: ${arn} because no resource-based policy allows the ecs:DescribeClusters action`,
        },
      );
    });

    it("passing a role is a permission of its own", async () => {
      const role = await people.newRole("passed", TASK_TRUST);
      const definition = {
        family: "web",
        executionRoleArn: role,
        containerDefinitions: [{ name: "web", image: "web", memory: 64 }],
      };
      const keys = await people.newUser("passer", allow(["ecs:RegisterTaskDefinition", "ecs:RunTask"]));
      const refusal = {
        name: "AccessDeniedException",
        message: `User: arn:aws:iam::${ACCOUNT}:user/passer is not authorized to perform: iam:PassRole on resource: ${role} because no identity-based policy allows the iam:PassRole action`,
      };
      await assert.rejects(people.ecs(keys).send(new RegisterTaskDefinitionCommand(definition)), refusal);
      const byName = { ...definition, executionRoleArn: "passed" };
      await assert.rejects(people.ecs(keys).send(new RegisterTaskDefinitionCommand(byName)), refusal);
      await people.ecs(OPERATOR).send(new RegisterTaskDefinitionCommand(definition));
      await assert.rejects(people.ecs(keys).send(new RunTaskCommand({ taskDefinition: "web" })), refusal);
      const toEc2 = { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } };
      await people.iam(OPERATOR).send(
        new PutUserPolicyCommand({
          UserName: "passer",
          PolicyName: "pass",
          PolicyDocument: policy(allow("iam:PassRole", role, toEc2)),
        }),
      );
      await assert.rejects(people.ecs(keys).send(new RegisterTaskDefinitionCommand(definition)), refusal);
      await people.iam(OPERATOR).send(
        new PutUserPolicyCommand({
          UserName: "passer",
          PolicyName: "pass",
          PolicyDocument: policy(
            allow("iam:PassRole", role, {
              StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
            }),
          ),
        }),
      );
      await people.ecs(keys).send(new RegisterTaskDefinitionCommand(definition));
    });

    it("a dry run is answered only to who is allowed", async () => {
      const keys = await people.newUser("dry");
      const command = new CreateVpcCommand({ CidrBlock: "10.0.0.0/16", DryRun: true });
      await assert.rejects(people.ec2(keys).send(command), { name: "UnauthorizedOperation" });
      await people.iam(OPERATOR).send(
        new AttachUserPolicyCommand({
          UserName: "dry",
          PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
      );
      await assert.rejects(people.ec2(keys).send(command), { name: "DryRunOperation" });
    });

    it("whoever one is may be asked by anyone, a deny notwithstanding", async () => {
      const keys = await people.newUser("mute", { Effect: "Deny", Action: "*", Resource: "*" });
      await people.sts(keys).send(new GetCallerIdentityCommand({}));
    });
  });
});
