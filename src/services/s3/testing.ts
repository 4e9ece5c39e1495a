/** For tests: a bucket `one` in a store of its own, and files that go with the test. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../../lib/random.ts";
import { ObjectStore } from "../../store/object-store.ts";
import { Store } from "../../store/store.ts";
import { buckets, storedObjects } from "../../store/tables/s3.ts";
import type { Bytes, HandlerContext } from "../operation.ts";
import { type TestClock, testClock, testContext } from "../testing.ts";
import { operations } from "./operations.ts";

export interface TestBucket {
  readonly context: HandlerContext;
  readonly clock: TestClock;
  put(key: string, text?: string, more?: object): ReturnType<typeof operations.PutObject>;
  /** Of the object `a` unless told. */
  read(more: object): Promise<string>;
  /** The call fails with that code and text, and changes nothing. */
  refused(call: () => unknown, code: string, message: string | RegExp): Promise<void>;
  listFiles(): string[];
  close(): void;
}

export function testBucket(): TestBucket {
  const directory = mkdtempSync(join(tmpdir(), "berth-s3-"));
  const clock = testClock();
  const store = new Store(":memory:");
  const context = testContext({ store, clock, objectStore: new ObjectStore(directory, systemRandom) });
  const CreateBucketConfiguration = { LocationConstraint: "ap-northeast-1" } as const;
  operations.CreateBucket({ Bucket: "one", CreateBucketConfiguration }, context);
  const listFiles = () => readdirSync(directory).sort();
  const dump = () => JSON.stringify([store.list(buckets), store.list(storedObjects)]);
  return {
    context,
    clock,
    put: (Key, text = "content", more = {}) =>
      operations.PutObject({ Bucket: "one", Key, Body: Buffer.from(text), ...more }, context),
    async read(more) {
      const { Body } = await operations.GetObject({ Bucket: "one", Key: "a", ...more }, context);
      return textOf(Body);
    },
    async refused(call, code, message) {
      const [was, files] = [dump(), listFiles()];
      await assert.rejects(
        async () => call(),
        (error: Error) => {
          assert.equal(error.name, code);
          if (typeof message === "string") assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        },
      );
      assert.equal(dump(), was);
      assert.deepEqual(listFiles(), files);
    },
    listFiles,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function textOf(body: Bytes | undefined): Promise<string> {
  if (body === undefined || body instanceof Uint8Array) return Buffer.from(body ?? []).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
