import assert from "node:assert/strict";
import { after, it } from "node:test";
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { openFrontDoor } from "./testing.ts";
import { ACCOUNT, allow, type Keys, OPERATOR, peopleOf, policy } from "./testing-people.ts";

const door = await openFrontDoor();
const people = peopleOf(door);
after(() => door.close());

function manager(credentials: Keys): SecretsManagerClient {
  return new SecretsManagerClient({
    region: "ap-northeast-1",
    endpoint: door.endpoint,
    credentials,
    maxAttempts: 1,
  });
}

async function newSecret(Name: string): Promise<string> {
  const made = await manager(OPERATOR).send(new CreateSecretCommand({ Name, SecretString: "open-sesame" }));
  return made.ARN ?? "";
}

function read(keys: Keys, SecretId: string) {
  return manager(keys).send(new GetSecretValueCommand({ SecretId }));
}

it("a name stands for the whole ARN, and is what a refusal names", async () => {
  const arn = await newSecret("named");
  await newSecret("other");
  const keys = await people.newUser("named", allow("secretsmanager:GetSecretValue", arn));
  assert.equal((await read(keys, "named")).SecretString, "open-sesame");
  assert.equal((await read(keys, arn.slice(0, -7))).SecretString, "open-sesame");
  await assert.rejects(read(keys, "other"), {
    name: "AccessDeniedException",
    message: `User: arn:aws:iam::${ACCOUNT}:user/named is not authorized to perform: secretsmanager:GetSecretValue on resource: other because no identity-based policy allows the secretsmanager:GetSecretValue action`,
  });
});

it("a pattern for the six characters allows to make a secret", async () => {
  const resource = `arn:aws:secretsmanager:ap-northeast-1:${ACCOUNT}:secret:dev/*-??????`;
  const client = manager(await people.newUser("maker", allow("secretsmanager:CreateSecret", resource)));
  await client.send(new CreateSecretCommand({ Name: "dev/a" }));
  await assert.rejects(client.send(new CreateSecretCommand({ Name: "prod/a" })), {
    message: /secretsmanager:CreateSecret on resource: prod\/a because/,
  });
});

it("the secret's own policy allows, and denies", async () => {
  const arn = await newSecret("own-policy");
  const friend = await people.newUser("friend");
  const foe = await people.newUser("foe", allow("secretsmanager:*"));
  const statement = (Effect: string, user: string) => ({
    Effect,
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${user}` },
    Action: "secretsmanager:GetSecretValue",
    Resource: "*",
  });
  await manager(OPERATOR).send(
    new PutResourcePolicyCommand({
      SecretId: arn,
      ResourcePolicy: policy(statement("Allow", "friend"), statement("Deny", "foe")),
    }),
  );
  assert.equal((await read(friend, "own-policy")).SecretString, "open-sesame");
  await assert.rejects(read(foe, "own-policy"), {
    message: /with an explicit deny in a resource-based policy/,
  });
});

it("a batch asks for each secret", async () => {
  const arn = await newSecret("batch");
  await newSecret("batch-other");
  const client = manager(
    await people.newUser(
      "batch",
      allow("secretsmanager:BatchGetSecretValue"),
      allow("secretsmanager:GetSecretValue", arn),
    ),
  );
  const batch = (...SecretIdList: string[]) => client.send(new BatchGetSecretValueCommand({ SecretIdList }));
  assert.equal((await batch("batch")).SecretValues?.length, 1);
  await assert.rejects(batch("batch", "batch-other"), { name: "AccessDeniedException" });
});
