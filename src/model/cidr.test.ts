import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cidrContains,
  cidrContainsAddress,
  cidrsOverlap,
  formatAddress,
  formatCidr,
  lastAddress,
  parseAddress,
  parseCidr,
} from "./cidr.ts";

function range(text: string) {
  const cidr = parseCidr(text);
  assert.ok(cidr, text);
  return cidr;
}

test("host bits are masked off, as CreateSubnet does", () => {
  assert.equal(formatCidr(range("10.0.1.7/24")), "10.0.1.0/24");
  assert.equal(formatCidr(range("255.255.255.255/1")), "128.0.0.0/1");
  assert.equal(formatCidr(range("0.0.0.0/0")), "0.0.0.0/0");
});

test("what is no range or address is told apart", () => {
  for (const text of [
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0/8",
    "256.0.0.0/8",
    "a/8",
    "",
    "10.0.0.0/-1",
    "10.0.0.0/8 ",
  ]) {
    assert.equal(parseCidr(text), undefined, text);
  }
  for (const text of ["1.2.3", "1.2.3.4.5", "1.2.3.256", "01234.1.1.1", "x"]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test("addresses above 127 are not negative", () => {
  const address = parseAddress("198.18.0.1");
  assert.equal(address, 3_323_068_417);
  assert.equal(formatAddress(address ?? 0), "198.18.0.1");
});

test("ranges contain and overlap as they should at their edges", () => {
  const vpc = range("10.0.0.0/16");
  assert.equal(formatAddress(lastAddress(vpc)), "10.0.255.255");
  assert.equal(cidrContains(vpc, range("10.0.255.0/24")), true);
  assert.equal(cidrContains(vpc, range("10.1.0.0/24")), false);
  assert.equal(cidrContains(range("10.0.1.0/24"), vpc), false);
  assert.equal(cidrsOverlap(range("10.0.0.0/17"), range("10.0.128.0/17")), false);
  assert.equal(cidrsOverlap(range("10.0.0.0/17"), range("10.0.127.255/32")), true);
  assert.equal(cidrContainsAddress(vpc, parseAddress("10.0.255.255") ?? 0), true);
  assert.equal(cidrContainsAddress(vpc, parseAddress("10.1.0.0") ?? 0), false);
});
