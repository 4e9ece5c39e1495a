import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { secretFile } from "./secret-file.ts";

test("a secret is made once, is long, and is its owner's only", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-secret-"));
  try {
    const secret = secretFile(join(folder, "a"));
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(secretFile(join(folder, "a")), secret);
    assert.notEqual(secretFile(join(folder, "b")), secret);
    assert.equal(statSync(join(folder, "a")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).sort(), ["a", "b"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
