import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { DataChannel } from "./data-channel.ts";
import { decodeMessage, encodeMessage, type Message, PAYLOAD } from "./message.ts";

function manualClock(): Clock & { move(ms: number): void } {
  let now = 1_000_000;
  const timers: { at: number; action: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    move(ms) {
      for (const end = now + ms; now < end; ) {
        now += 10;
        for (const timer of timers.splice(0)) {
          if (timer.at <= now) timer.action();
          else timers.push(timer);
        }
      }
    },
  };
}

function channel() {
  const clock = manualClock();
  const frames: Message[] = [];
  const received: string[] = [];
  let drains = 0;
  let lost = false;
  const made = new DataChannel({
    clock,
    random: systemRandom,
    send(frame) {
      const decoded = decodeMessage(frame);
      assert.ok(decoded.ok);
      frames.push(decoded.value);
    },
    receive: (payloadType, payload) => received.push(`${payloadType} ${payload.toString()}`),
    drained: () => {
      drains += 1;
    },
    lost: () => {
      lost = true;
    },
  });
  const message = (more: Partial<Message>): Buffer =>
    encodeMessage({
      messageType: "input_stream_data",
      sequenceNumber: 0,
      flags: 0,
      messageId: systemRandom.uuid(),
      payloadType: PAYLOAD.output,
      payload: Buffer.alloc(0),
      createdDate: clock.now(),
      ...more,
    });
  return {
    clock,
    frames,
    received,
    made,
    drains: () => drains,
    lost: () => lost,
    input: (sequenceNumber: number, text: string) =>
      made.accept(message({ sequenceNumber, payload: Buffer.from(text) })),
    acknowledge: (sequenceNumber: number) =>
      made.accept(
        message({
          messageType: "acknowledge",
          payload: Buffer.from(JSON.stringify({ AcknowledgedMessageSequenceNumber: sequenceNumber })),
        }),
      ),
  };
}

test("a message survives its bytes, and the id's halves are swapped on the wire", () => {
  const message: Message = {
    messageType: "output_stream_data",
    sequenceNumber: 7,
    flags: 3,
    messageId: "00112233-4455-6677-8899-aabbccddeeff",
    payloadType: 11,
    payload: Buffer.from("grüße"),
    createdDate: 1_790_000_000_123,
  };
  const bytes = encodeMessage(message);
  assert.equal(bytes.readUInt32BE(0), 116);
  assert.equal(bytes.toString("latin1", 4, 36), "output_stream_data".padEnd(32));
  assert.equal(bytes.toString("hex", 64, 80), "8899aabbccddeeff0011223344556677");
  assert.deepEqual(decodeMessage(bytes), { ok: true, value: message });
});

test("bytes that are no message are refused, whatever they are", () => {
  const good = encodeMessage({
    messageType: "acknowledge",
    sequenceNumber: 0,
    flags: 0,
    messageId: systemRandom.uuid(),
    payloadType: 0,
    payload: Buffer.from("x"),
    createdDate: 0,
  });
  for (let length = 0; length < good.length; length++) {
    assert.equal(decodeMessage(good.subarray(0, length)).ok, false);
  }
  const tampered = Buffer.from(good);
  tampered[120] = 0x79;
  assert.deepEqual(decodeMessage(tampered), { ok: false, failure: "the payload does not fit its digest" });
});

test("input is handed on once, in order, and each message is acknowledged", () => {
  const { input, received, frames } = channel();
  input(1, "b");
  input(0, "a");
  input(0, "a");
  input(2, "c");
  assert.deepEqual(received, ["1 a", "1 b", "1 c"]);
  assert.deepEqual(
    frames.map(({ messageType, payload }) => [
      messageType,
      JSON.parse(payload.toString()).AcknowledgedMessageSequenceNumber,
    ]),
    [1, 0, 0, 2].map((number) => ["acknowledge", number]),
  );
});

test("output is numbered from 0, and the oldest goes again until it is acknowledged", () => {
  const { made, frames, clock, acknowledge } = channel();
  made.write(PAYLOAD.output, Buffer.from("a"));
  made.write(PAYLOAD.output, Buffer.from("b"));
  clock.move(1200);
  assert.deepEqual(
    frames.map(({ sequenceNumber, flags }) => [sequenceNumber, flags]),
    [
      [0, 1],
      [1, 0],
      [0, 1],
    ],
  );
  acknowledge(0);
  acknowledge(1);
  clock.move(5000);
  assert.equal(frames.length, 3);
  assert.equal(made.isQuiet, true);
});

test("a slow reader holds the writer back and loses nothing", () => {
  const { made, frames, acknowledge, drains } = channel();
  let written = 0;
  while (made.write(PAYLOAD.output, Buffer.from(String(written)))) written += 1;
  assert.equal(frames.length, 512);
  acknowledge(0);
  assert.equal(drains(), 1);
  assert.equal(frames.at(-1)?.payload.toString(), "512");
});

test("who never acknowledges is given up", () => {
  const { made, clock, lost } = channel();
  made.write(PAYLOAD.output, Buffer.from("a"));
  clock.move(400_000);
  assert.equal(lost(), true);
});

test("a new connection gets at once what the old one may have lost", () => {
  const { made, frames } = channel();
  made.write(PAYLOAD.output, Buffer.from("a"));
  made.write(PAYLOAD.output, Buffer.from("b"));
  made.reconnected();
  assert.deepEqual(
    frames.map(({ sequenceNumber }) => sequenceNumber),
    [0, 1, 0, 1],
  );
});
