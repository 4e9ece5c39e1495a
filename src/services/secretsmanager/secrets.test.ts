import assert from "node:assert/strict";
import { test } from "node:test";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { testClock, testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function token(number: number): string {
  return `00000000-0000-0000-0000-${String(number).padStart(12, "0")}`;
}

let used = 1000;

function create(
  context: HandlerContext,
  Name: string,
  more: Omit<Parameters<typeof operations.CreateSecret>[0], "Name"> = {},
) {
  used += 1;
  return operations.CreateSecret({ Name, ClientRequestToken: token(used), ...more }, context);
}

function value(
  context: HandlerContext,
  SecretId: string,
  more: { VersionId?: string; VersionStage?: string } = {},
): string | undefined {
  return operations.GetSecretValue(
    { SecretId, VersionId: undefined, VersionStage: undefined, ...more },
    context,
  ).SecretString;
}

test("a secret is read by name, ARN, and ARN without its six characters; another account sees nothing", () => {
  const context = testContext();
  const made = create(context, "app/db", { SecretString: "open-sesame", ClientRequestToken: token(1) });
  assert.match(
    made.ARN ?? "",
    /^arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:app\/db-[A-Za-z0-9]{6}$/,
  );
  assert.equal(made.VersionId, token(1));
  const partial = made.ARN?.slice(0, -7) ?? "";
  for (const id of ["app/db", made.ARN ?? "", partial]) assert.equal(value(context, id), "open-sesame");
  const notFound = {
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret.",
  };
  assert.throws(() => value(context, "app/d"), notFound);
  assert.throws(() => value(context, `${partial}-AAAAAA`), notFound);
  const foreign = { ...context, scope: { ...context.scope, account: "111122223333" } };
  assert.throws(() => value(foreign, "app/db"), notFound);
  assert.throws(() => value(foreign, made.ARN ?? ""), notFound);
  assert.deepEqual(operations.ListSecrets({}, foreign).SecretList, []);
});

test("no value lies open in the store; what is binary comes back as it was", () => {
  const context = testContext();
  create(context, "text", { SecretString: "open-sesame" });
  const bytes = new Uint8Array([0, 1, 2, 255, 254]);
  create(context, "bytes", { SecretBinary: bytes });
  const stored = JSON.stringify(context.store.list(secrets));
  assert.ok(!stored.includes("open-sesame"));
  assert.ok(!stored.includes(Buffer.from(bytes).toString("base64")));
  const read = operations.GetSecretValue(
    { SecretId: "bytes", VersionId: undefined, VersionStage: undefined },
    context,
  );
  assert.deepEqual(read.SecretBinary, bytes);
  assert.equal(read.SecretString, undefined);
});

test("a token makes a request once", () => {
  const context = testContext();
  const first = create(context, "a", { SecretString: "1", ClientRequestToken: token(1) });
  assert.deepEqual(create(context, "a", { SecretString: "1", ClientRequestToken: token(1) }), first);
  assert.throws(() => create(context, "a", { SecretString: "2", ClientRequestToken: token(1) }), {
    name: "ResourceExistsException",
    message: `You can't use ClientRequestToken ${token(1)} because that value is already in use for a version of secret ${first.ARN}.`,
  });
  assert.throws(() => create(context, "a", { SecretString: "1" }), {
    name: "ResourceExistsException",
    message: "The operation failed because the secret a already exists.",
  });
  const put = (SecretString: string) =>
    operations.PutSecretValue({ SecretId: "a", SecretString, ClientRequestToken: token(2) }, context);
  assert.deepEqual(put("2"), put("2"));
  assert.throws(() => put("3"), { name: "ResourceExistsException" });
  assert.equal(operations.ListSecretVersionIds({ SecretId: "a" }, context).Versions?.length, 2);
  assert.throws(() => create(context, "b", { ClientRequestToken: undefined }), {
    name: "InvalidRequestException",
    message: "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
  });
  assert.throws(() => create(context, "b", { ClientRequestToken: "short" }), {
    message: "ClientRequestToken must be 32-64 characters long.",
  });
});

test("names, values and their sizes are checked, and no error tells a value", () => {
  const context = testContext();
  assert.throws(() => create(context, "Inv Name"), {
    name: "ValidationException",
    message:
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  });
  const long = "x".repeat(65537);
  assert.throws(() => create(context, "long", { SecretString: long }), {
    name: "ValidationException",
    message:
      "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536",
  });
  create(context, "long", { SecretString: long.slice(1) });
  create(context, "empty");
  assert.throws(
    () => operations.PutSecretValue({ SecretId: "empty", ClientRequestToken: token(1) }, context),
    {
      name: "InvalidRequestException",
      message: "You must provide either SecretString or SecretBinary.",
    },
  );
  assert.throws(() => value(context, "empty"), {
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  });
});

test("versions are read by label and id", () => {
  const context = testContext();
  create(context, "a", { SecretString: "1", ClientRequestToken: token(1) });
  operations.UpdateSecret({ SecretId: "a", SecretString: "2", ClientRequestToken: token(2) }, context);
  assert.equal(value(context, "a"), "2");
  assert.equal(value(context, "a", { VersionStage: "AWSPREVIOUS" }), "1");
  assert.equal(value(context, "a", { VersionId: token(1) }), "1");
  assert.throws(() => value(context, "a", { VersionId: token(1), VersionStage: "AWSCURRENT" }), {
    name: "InvalidRequestException",
    message: "You provided a VersionStage that is not associated to the provided VersionId.",
  });
  assert.throws(() => value(context, "a", { VersionId: token(9) }), {
    message: `Secrets Manager can't find the specified secret value for VersionId: ${token(9)}`,
  });
  const { Description, VersionIdsToStages } = operations.DescribeSecret({ SecretId: "a" }, context);
  assert.equal(Description, undefined);
  assert.deepEqual(VersionIdsToStages, { [token(1)]: ["AWSPREVIOUS"], [token(2)]: ["AWSCURRENT"] });
  const same = operations.UpdateSecret(
    { SecretId: "a", Description: "of a", ClientRequestToken: token(3) },
    context,
  );
  assert.equal(same.VersionId, undefined);
  assert.equal(operations.DescribeSecret({ SecretId: "a" }, context).Description, "of a");
  operations.PutSecretValue({ SecretId: "a", SecretString: "3", ClientRequestToken: token(4) }, context);
  const ids = (IncludeDeprecated: boolean) =>
    operations
      .ListSecretVersionIds({ SecretId: "a", IncludeDeprecated }, context)
      .Versions?.map(({ VersionId }) => VersionId);
  assert.deepEqual(ids(false), [token(2), token(4)]);
  assert.deepEqual(ids(true), [token(1), token(2), token(4)]);
});

test("a label is moved from the version that is named", () => {
  const context = testContext();
  create(context, "a", { SecretString: "1", ClientRequestToken: token(1) });
  operations.PutSecretValue(
    { SecretId: "a", SecretString: "2", ClientRequestToken: token(2), VersionStages: ["AWSPENDING"] },
    context,
  );
  const move = (VersionStage: string, RemoveFromVersionId?: string, MoveToVersionId?: string) =>
    operations.UpdateSecretVersionStage(
      { SecretId: "a", VersionStage, RemoveFromVersionId, MoveToVersionId },
      context,
    );
  assert.throws(() => move("AWSCURRENT", undefined, token(2)), {
    name: "InvalidParameterException",
    message: `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${token(1)}, so you must explicitly reference that version in RemoveFromVersionId.`,
  });
  assert.throws(() => move("AWSCURRENT", token(1)), {
    message:
      "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.",
  });
  assert.throws(() => move("AWSCURRENT", token(2), token(1)), {
    message: `Version stage AWSCURRENT not found in version ${token(2)}`,
  });
  assert.throws(() => move("x", undefined, token(7)), { message: `Not a valid version: ${token(7)}` });
  move("AWSCURRENT", token(1), token(2));
  assert.equal(value(context, "a"), "2");
  move("AWSPENDING", token(2));
  assert.deepEqual(operations.DescribeSecret({ SecretId: "a" }, context).VersionIdsToStages, {
    [token(1)]: ["AWSPREVIOUS"],
    [token(2)]: ["AWSCURRENT"],
  });
});

test("a deleted secret waits for its window, can be restored until then, and is gone after it", () => {
  const clock = testClock();
  const context = testContext({ clock });
  const { ARN } = create(context, "a", { SecretString: "1" });
  const remove = (more: { RecoveryWindowInDays?: number; ForceDeleteWithoutRecovery?: boolean } = {}) =>
    operations.DeleteSecret(
      { SecretId: "a", RecoveryWindowInDays: undefined, ForceDeleteWithoutRecovery: undefined, ...more },
      context,
    );
  for (const days of [0, 6, 31]) {
    assert.throws(() => remove({ RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: true }), {
      name: "InvalidParameterException",
      message: "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    });
  }
  assert.throws(() => remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }), {
    message: "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
  });
  assert.equal(remove({ RecoveryWindowInDays: 7 }).DeletionDate?.getTime(), clock.now() + 7 * DAY_MS);
  const marked = {
    name: "InvalidRequestException",
    message: "You can't perform this operation on the secret because it was marked for deletion.",
  };
  assert.throws(() => value(context, "a"), marked);
  assert.throws(
    () => operations.TagResource({ SecretId: "a", Tags: [{ Key: "k", Value: "v" }] }, context),
    marked,
  );
  assert.throws(() => create(context, "a"), {
    message:
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
  });
  assert.ok(operations.DescribeSecret({ SecretId: "a" }, context).DeletedDate);
  assert.deepEqual(operations.ListSecrets({}, context).SecretList, []);
  assert.equal(operations.ListSecrets({ IncludePlannedDeletion: true }, context).SecretList?.length, 1);
  operations.RestoreSecret({ SecretId: "a" }, context);
  assert.equal(value(context, "a"), "1");
  remove();
  clock.advance(30 * DAY_MS);
  assert.throws(() => operations.DescribeSecret({ SecretId: "a" }, context), {
    message: "Secrets Manager can't find the specified secret.",
  });
  assert.notEqual(create(context, "a", { SecretString: "2" }).ARN, ARN);
  assert.equal(context.store.list(secrets).length, 1);
  remove({ ForceDeleteWithoutRecovery: true });
  assert.equal(context.store.list(secrets).length, 0);
  assert.equal(remove({ ForceDeleteWithoutRecovery: true }).Name, "a");
});

test("secrets are listed by filters, in order and in pages", () => {
  const clock = testClock();
  const context = testContext({ clock });
  for (const [Name, Description] of [
    ["prod/db", "Main database"],
    ["prod/key", "API key"],
    ["test/db", "Main database of tests"],
  ]) {
    create(context, Name ?? "", {
      Description,
      Tags: [{ Key: "stage", Value: Name?.split("/")[0] }],
    });
    clock.advance(1000);
  }
  const names = (input: Parameters<typeof operations.ListSecrets>[0]) =>
    operations.ListSecrets(input, context).SecretList?.map(({ Name }) => Name);
  const by = (Key: "name" | "description" | "tag-value" | "all", ...Values: string[]) =>
    names({ Filters: [{ Key, Values }] });
  assert.deepEqual(by("name", "prod"), ["prod/db", "prod/key"]);
  assert.deepEqual(by("name", "!prod"), ["test/db"]);
  assert.deepEqual(by("name", "PROD"), []);
  assert.deepEqual(by("description", "main data"), ["prod/db", "test/db"]);
  assert.deepEqual(by("tag-value", "test"), ["test/db"]);
  assert.deepEqual(by("all", "api"), ["prod/key"]);
  assert.deepEqual(names({ SortOrder: "desc" }), ["test/db", "prod/key", "prod/db"]);
  assert.deepEqual(names({ SortBy: "name", SortOrder: "desc" }), ["test/db", "prod/key", "prod/db"]);
  const seen: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const answer = operations.ListSecrets({ MaxResults: 1, SortOrder: "desc", NextToken }, context);
    seen.push(...(answer.SecretList ?? []).map(({ Name }) => Name));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(seen, ["test/db", "prod/key", "prod/db"]);
  assert.throws(() => names({ NextToken: "foreign" }), { name: "InvalidNextTokenException" });
});

test("a batch tells values, and beside them why others cannot be read", () => {
  const context = testContext();
  create(context, "a", { SecretString: "1" });
  create(context, "b", { SecretString: "2" });
  const { SecretValues, Errors } = operations.BatchGetSecretValue(
    { SecretIdList: ["b", "none", "a"] },
    context,
  );
  assert.deepEqual(
    SecretValues?.map(({ SecretString }) => SecretString),
    ["2", "1"],
  );
  assert.deepEqual(Errors, [
    {
      SecretId: "none",
      ErrorCode: "ResourceNotFoundException",
      Message: "Secrets Manager can't find the specified secret.",
    },
  ]);
  const filtered = operations.BatchGetSecretValue({ Filters: [{ Key: "name", Values: ["a"] }] }, context);
  assert.equal(filtered.SecretValues?.length, 1);
  assert.throws(() => operations.BatchGetSecretValue({}, context), {
    message: "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
  });
});

test("tags are added, replaced and taken away", () => {
  const context = testContext();
  create(context, "a", { Tags: [{ Key: "one", Value: "1" }] });
  operations.TagResource(
    {
      SecretId: "a",
      Tags: [
        { Key: "one", Value: "2" },
        { Key: "two", Value: "2" },
      ],
    },
    context,
  );
  const tags = () => operations.DescribeSecret({ SecretId: "a" }, context).Tags;
  assert.deepEqual(tags(), [
    { Key: "one", Value: "2" },
    { Key: "two", Value: "2" },
  ]);
  operations.UntagResource({ SecretId: "a", TagKeys: ["one"] }, context);
  assert.deepEqual(tags(), [{ Key: "two", Value: "2" }]);
});

test("a resource policy is checked, kept and taken away", () => {
  const context = testContext();
  create(context, "a");
  const put = (statement: object, BlockPublicPolicy = false) =>
    operations.PutResourcePolicy(
      {
        SecretId: "a",
        ResourcePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
        BlockPublicPolicy,
      },
      context,
    );
  const open = { Effect: "Allow", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" };
  put(open);
  assert.match(operations.GetResourcePolicy({ SecretId: "a" }, context).ResourcePolicy ?? "", /2012-10-17/);
  assert.throws(() => put(open, true), { name: "PublicPolicyException" });
  assert.throws(() => put({ ...open, Effect: "Perhaps" }), {
    name: "MalformedPolicyDocumentException",
    message: "This resource policy contains a syntax error.",
  });
  assert.throws(() => put({ ...open, Principal: { AWS: "arn:aws:iam::000000000000:role/none" } }), {
    message: "This resource policy contains an unsupported principal.",
  });
  operations.DeleteResourcePolicy({ SecretId: "a" }, context);
  assert.equal(operations.GetResourcePolicy({ SecretId: "a" }, context).ResourcePolicy, undefined);
});

test("a random password has every type that is not excluded", () => {
  const context = testContext();
  const password = (input: Parameters<typeof operations.GetRandomPassword>[0]) =>
    operations.GetRandomPassword(input, context).RandomPassword ?? "";
  assert.match(password({}), /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^A-Za-z0-9]).{32}$/);
  assert.match(
    password({ PasswordLength: 8, ExcludePunctuation: true, ExcludeCharacters: "0123" }),
    /^[A-Za-z4-9]{8}$/,
  );
  assert.throws(() => password({ PasswordLength: 3 }), {
    name: "InvalidParameterException",
    message: "Password length is too short based on the required types.",
  });
  assert.throws(() => password({ ExcludeCharacters: "0123456789" }), {
    message: "All characters of the desired type have been excluded.",
  });
});
