/** The instance's role and profile, and the role that tasks are started with. */
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  GetRoleCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { NAME, present } from "./clients.ts";
import { orNone } from "./load-balancer.ts";

export interface Roles {
  readonly instanceProfile: string;
  readonly taskExecutionArn: string;
}

export async function ensureRoles(iam: IAMClient): Promise<Roles> {
  const instanceProfile = `${NAME}-instance`;
  await ensureRole(iam, instanceProfile, "ec2.amazonaws.com", "AmazonEC2ContainerServiceforEC2Role");
  const created = await orNone("EntityAlreadyExistsException", () =>
    iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: instanceProfile })),
  );
  if (created !== undefined) {
    await iam.send(
      new AddRoleToInstanceProfileCommand({
        InstanceProfileName: instanceProfile,
        RoleName: instanceProfile,
      }),
    );
  }
  const taskExecutionArn = await ensureRole(
    iam,
    `${NAME}-task-execution`,
    "ecs-tasks.amazonaws.com",
    "AmazonECSTaskExecutionRolePolicy",
  );
  return { instanceProfile, taskExecutionArn };
}

async function ensureRole(
  iam: IAMClient,
  RoleName: string,
  service: string,
  policy: string,
): Promise<string> {
  const existing = await orNone("NoSuchEntityException", () => iam.send(new GetRoleCommand({ RoleName })));
  if (existing !== undefined) return present(existing.Role?.Arn, "Arn");
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: service } }],
      }),
    }),
  );
  await iam.send(
    new AttachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/service-role/${policy}` }),
  );
  return present(Role?.Arn, "Arn");
}
