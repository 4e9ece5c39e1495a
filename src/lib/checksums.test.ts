import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checksumOf, startChecksum } from "./checksums.ts";

/** The check values of the catalogue of parametrised CRC algorithms, over "123456789". */
const CHECKS = [
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const;

describe("checksums", () => {
  for (const [name, expected] of CHECKS) {
    it(`${name} of the digits is its check value`, () => {
      assert.equal(checksumOf(name, Buffer.from("123456789")).toString("hex"), expected);
    });
  }

  it("is the same for bytes that come piece by piece", () => {
    for (const [name, expected] of CHECKS) {
      const running = startChecksum(name);
      for (const piece of ["1", "2345", "", "6789"]) running.update(Buffer.from(piece));
      assert.equal(running.digest().toString("hex"), expected);
    }
  });

  it("nothing at all has a checksum too", () => {
    assert.equal(checksumOf("CRC64NVME", Buffer.alloc(0)).toString("hex"), "0000000000000000");
    assert.equal(checksumOf("CRC32C", Buffer.alloc(0)).toString("hex"), "00000000");
  });
});
