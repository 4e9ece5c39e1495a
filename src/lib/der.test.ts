import assert from "node:assert/strict";
import { test } from "node:test";
import { bitString, integer, objectIdentifier, octetString, sequence, time } from "./der.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("whole numbers are as short as can be, and never look negative", () => {
  assert.equal(hex(integer(Buffer.of(0))), "020100");
  assert.equal(hex(integer(Buffer.of(0, 0, 5))), "020105");
  assert.equal(hex(integer(Buffer.of(0x80))), "02020080");
});

test("object identifiers use seven bits a byte", () => {
  assert.equal(hex(objectIdentifier("1.2.840.113549.1.1.11")), "06092a864886f70d01010b");
  assert.equal(hex(objectIdentifier("2.5.29.17")), "0603551d11");
});

test("lengths from 128 on have a length of their own", () => {
  assert.equal(hex(octetString(Buffer.alloc(127))).slice(0, 4), "047f");
  assert.equal(hex(octetString(Buffer.alloc(128))).slice(0, 6), "048180");
  assert.equal(hex(octetString(Buffer.alloc(300))).slice(0, 8), "0482012c");
});

test("times are two-digit years until 2049, four-digit ones after", () => {
  assert.equal(
    time(Date.UTC(2049, 11, 31, 23, 59, 59))
      .subarray(2)
      .toString(),
    "491231235959Z",
  );
  assert.equal(
    time(Date.UTC(2050, 0, 1))
      .subarray(2)
      .toString(),
    "20500101000000Z",
  );
});

test("a bit string says how many of its last bits do not count", () => {
  assert.equal(hex(sequence(bitString(Buffer.of(0xa0), 5))), "3004030205a0");
});
