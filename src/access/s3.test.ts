import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type FrontDoor, openFrontDoor } from "./testing.ts";
import { ACCOUNT, allow, OPERATOR, peopleOf } from "./testing-people.ts";

const Bucket = "guarded";
const Key = "a b/ü+(1)'*!~@&=;:,$";

describe("what a key may do in S3", () => {
  let door: FrontDoor;
  let people: ReturnType<typeof peopleOf>;
  const s3 = (keys: Parameters<typeof people.configured>[0]) => new S3Client(people.configured(keys));

  before(async () => {
    door = await openFrontDoor();
    people = peopleOf(door);
    const CreateBucketConfiguration = { LocationConstraint: "ap-northeast-1" } as const;
    await s3(OPERATOR).send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    await s3(OPERATOR).send(new PutObjectCommand({ Bucket, Key, Body: "hello" }));
  });
  after(() => door.close());

  const denied = (userName: string, action: string, resource: string, because?: string) => ({
    name: "AccessDenied",
    message: `User: arn:aws:iam::${ACCOUNT}:user/${userName} is not authorized to perform: ${action} on resource: "${resource}" ${because ?? `because no identity-based policy allows the ${action} action`}`,
  });

  it("objects are asked for by their names, and signatures hold for all of them", async () => {
    const reader = s3(await people.newUser("reader", allow("s3:GetObject", `arn:aws:s3:::${Bucket}/*`)));
    const { Body } = await reader.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await Body?.transformToString(), "hello");
    await assert.rejects(
      reader.send(new PutObjectCommand({ Bucket, Key, Body: "x" })),
      denied("reader", "s3:PutObject", `arn:aws:s3:::${Bucket}/${Key}`),
    );
  });

  it("who may not list is not told that something is missing", async () => {
    const bucket = `arn:aws:s3:::${Bucket}`;
    const blind = s3(await people.newUser("blind", allow("s3:GetObject", "*")));
    await assert.rejects(
      blind.send(new GetObjectCommand({ Bucket, Key: "none" })),
      denied("blind", "s3:ListBucket", bucket),
    );
    const seeing = s3(
      await people.newUser("seeing", allow("s3:GetObject", "*"), allow("s3:ListBucket", bucket)),
    );
    await assert.rejects(seeing.send(new GetObjectCommand({ Bucket, Key: "none" })), { name: "NoSuchKey" });
  });

  it("a listing is asked for with its prefix", async () => {
    const condition = { StringLike: { "s3:prefix": "home/*" } };
    const lister = s3(await people.newUser("lister", allow("s3:ListBucket", "*", condition)));
    await lister.send(new ListObjectsV2Command({ Bucket, Prefix: "home/me" }));
    await assert.rejects(
      lister.send(new ListObjectsV2Command({ Bucket })),
      denied("lister", "s3:ListBucket", `arn:aws:s3:::${Bucket}`),
    );
  });

  it("the bucket's own policy lets in, and keeps out", async () => {
    const guest = s3(await people.newUser("guest"));
    const owner = s3(await people.newUser("owner", allow("s3:*", "*")));
    const arn = (name: string) => ({ AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` });
    const Resource = `arn:aws:s3:::${Bucket}/*`;
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: arn("guest"), Action: "s3:GetObject", Resource },
        { Effect: "Deny", Principal: arn("owner"), Action: "s3:GetObject", Resource },
      ],
    });
    await owner.send(new GetObjectCommand({ Bucket, Key }));
    await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await guest.send(new GetObjectCommand({ Bucket, Key }));
    await assert.rejects(
      owner.send(new GetObjectCommand({ Bucket, Key })),
      denied(
        "owner",
        "s3:GetObject",
        `arn:aws:s3:::${Bucket}/${Key}`,
        "with an explicit deny in a resource-based policy",
      ),
    );
  });

  it("a wrong secret is told in S3's own words", async () => {
    const keys = await people.newUser("forger", allow("s3:*", "*"));
    const forger = s3({ ...keys, secretAccessKey: "wrong" });
    await assert.rejects(forger.send(new GetObjectCommand({ Bucket, Key })), {
      name: "SignatureDoesNotMatch",
      message:
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    });
  });
});
