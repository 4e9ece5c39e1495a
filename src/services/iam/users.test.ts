import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const PolicyDocument =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}';
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";
const UserName = "carl";

function withUser() {
  const context = testContext();
  operations.CreateUser({ UserName, Path: "/team/", Tags: [{ Key: "a", Value: "b" }] }, context);
  return context;
}

test("a user has an id, an ARN with its path, and its tags", () => {
  const context = withUser();
  const { User } = operations.GetUser({ UserName }, context);
  assert.equal(User?.Arn, "arn:aws:iam::000000000000:user/team/carl");
  assert.match(User?.UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
  assert.deepEqual(User?.Tags, [{ Key: "a", Value: "b" }]);
  const { Users } = operations.ListUsers({ PathPrefix: "/team/" }, context);
  assert.equal(Users?.length, 1);
  assert.throws(() => operations.CreateUser({ UserName: "CARL" }, context), {
    name: "EntityAlreadyExistsException",
    message: "User with name CARL already exists.",
  });
  assert.throws(() => operations.GetUser({ UserName: "none" }, context), {
    name: "NoSuchEntityException",
    message: "The user with name none cannot be found.",
  });
});

test("without a name GetUser is about the operator, who needs no record", () => {
  const { User } = operations.GetUser({}, testContext());
  assert.equal(User?.UserName, "berth");
});

test("a user goes when nothing hangs on it", () => {
  const context = withUser();
  operations.AttachUserPolicy({ UserName, PolicyArn: ADMINISTRATOR }, context);
  operations.PutUserPolicy({ UserName, PolicyName: "p", PolicyDocument }, context);
  const { AccessKey } = operations.CreateAccessKey({ UserName }, context);
  const refused = (message: string) =>
    assert.throws(() => operations.DeleteUser({ UserName }, context), {
      name: "DeleteConflictException",
      message: `Cannot delete entity, must ${message} first.`,
    });
  refused("detach all policies");
  const used = operations.ListEntitiesForPolicy({ PolicyArn: ADMINISTRATOR }, context);
  assert.deepEqual(
    used.PolicyUsers?.map((user) => user.UserName),
    [UserName],
  );
  operations.DetachUserPolicy({ UserName, PolicyArn: ADMINISTRATOR }, context);
  refused("delete policies");
  operations.DeleteUserPolicy({ UserName, PolicyName: "p" }, context);
  refused("delete access keys");
  operations.DeleteAccessKey({ UserName, AccessKeyId: AccessKey?.AccessKeyId }, context);
  operations.DeleteUser({ UserName }, context);
  assert.deepEqual(operations.ListUsers({}, context).Users, []);
});

test("a user has two access keys at most, and no other user's", () => {
  const context = withUser();
  operations.CreateUser({ UserName: "dora" }, context);
  const { AccessKey } = operations.CreateAccessKey({ UserName }, context);
  operations.CreateAccessKey({ UserName }, context);
  assert.throws(() => operations.CreateAccessKey({ UserName }, context), {
    name: "LimitExceededException",
    message: "Cannot exceed quota for AccessKeysPerUser: 2",
  });
  const AccessKeyId = AccessKey?.AccessKeyId;
  assert.throws(() => operations.DeleteAccessKey({ UserName: "dora", AccessKeyId }, context), {
    name: "NoSuchEntityException",
    message: `The Access Key with id ${AccessKeyId} cannot be found.`,
  });
  const { AccessKeyMetadata } = operations.ListAccessKeys({ UserName }, context);
  assert.equal(AccessKeyMetadata?.length, 2);
  assert.ok(!JSON.stringify(AccessKeyMetadata).includes(AccessKey?.SecretAccessKey ?? "?"));
});

test("a renamed user keeps its keys and policies under a new ARN", () => {
  const context = withUser();
  operations.CreateAccessKey({ UserName }, context);
  operations.UpdateUser({ UserName, NewUserName: "carla", NewPath: "/" }, context);
  assert.equal(
    operations.GetUser({ UserName: "carla" }, context).User?.Arn,
    "arn:aws:iam::000000000000:user/carla",
  );
  assert.equal(operations.ListAccessKeys({ UserName: "carla" }, context).AccessKeyMetadata?.length, 1);
  assert.throws(() => operations.GetUser({ UserName }, context), { name: "NoSuchEntityException" });
});
