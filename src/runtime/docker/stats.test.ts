import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInterfaces } from "./stats.ts";

test("the kernel's counters get Docker's names; the loopback device is left out", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:1296     16    2    3    0     0          0         0      856      10    4    5    0     0       0          0
`;
  assert.deepEqual(parseInterfaces(text), {
    eth0: {
      rx_bytes: 1296,
      rx_packets: 16,
      rx_errors: 2,
      rx_dropped: 3,
      tx_bytes: 856,
      tx_packets: 10,
      tx_errors: 4,
      tx_dropped: 5,
    },
  });
});
