import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../lib/random.ts";
import {
  isReservedAddress,
  newMacAddress,
  pickPrivateAddress,
  pickPublicAddress,
  privateDnsName,
  publicDnsName,
  usableAddressCount,
} from "./addresses.ts";

test("a /24 offers 251 addresses, a /28 eleven", () => {
  assert.equal(usableAddressCount("10.0.1.0/24"), 251);
  assert.equal(usableAddressCount("10.0.1.0/28"), 11);
});

test("every address that can be given is given once, none that is reserved, and then none", () => {
  const used = new Set<string>();
  for (let i = 0; i < 11; i++) {
    const address = pickPrivateAddress("10.0.1.0/28", used, systemRandom);
    assert.ok(address);
    assert.equal(used.has(address), false);
    assert.equal(isReservedAddress("10.0.1.0/28", address), false);
    used.add(address);
  }
  assert.equal(pickPrivateAddress("10.0.1.0/28", used, systemRandom), undefined);
  assert.deepEqual([...used].sort().slice(0, 1), ["10.0.1.10"]);
  for (const reserved of ["10.0.1.0", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.15"]) {
    assert.equal(isReservedAddress("10.0.1.0/28", reserved), true, reserved);
  }
});

test("public addresses leave out the internet's own, and run out", () => {
  const used = new Set<string>();
  for (;;) {
    const address = pickPublicAddress("198.19.5.0/24", used, systemRandom);
    if (address === undefined) break;
    used.add(address);
  }
  assert.equal(used.size, 239);
  for (const own of ["198.19.5.0", "198.19.5.1", "198.19.5.2", "198.19.5.255"])
    assert.equal(used.has(own), false);
});

test("hardware addresses are locally administered unicast", () => {
  for (let i = 0; i < 50; i++) assert.match(newMacAddress(systemRandom), /^0[26ae](:[0-9a-f]{2}){5}$/);
});

test("names carry the region, except in us-east-1", () => {
  assert.equal(
    privateDnsName("10.0.11.82", "ap-northeast-1"),
    "ip-10-0-11-82.ap-northeast-1.compute.internal",
  );
  assert.equal(privateDnsName("10.0.11.82", "us-east-1"), "ip-10-0-11-82.ec2.internal");
  assert.equal(publicDnsName("203.0.113.25", "us-east-1"), "ec2-203-0-113-25.compute-1.amazonaws.com");
});
