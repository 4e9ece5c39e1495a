import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTranscript } from "./transcript.ts";

describe("transcripts", () => {
  test("a short session is one event, characters cut by the network made whole", () => {
    const events: string[] = [];
    const transcript = createTranscript((text) => events.push(text));
    const bytes = Buffer.from("# echo 東京\r\n東京\r\n");
    for (const byte of bytes) transcript.add(Buffer.from([byte]));
    assert.deepEqual(events, []);
    transcript.end();
    assert.deepEqual(events, [bytes.toString()]);
    transcript.end();
    assert.equal(events.length, 1);
  });

  test("a long one is cut at the ends of lines, nothing lost", () => {
    const events: string[] = [];
    const transcript = createTranscript((text) => events.push(text));
    const text = `${"x".repeat(99)}\n`.repeat(10_000);
    for (let at = 0; at < text.length; at += 4096) transcript.add(Buffer.from(text.slice(at, at + 4096)));
    transcript.end();
    assert.equal(events.join(""), text);
    assert.ok(events.length > 4);
    for (const event of events) assert.ok(event.endsWith("\n") && Buffer.byteLength(event) <= 200_000);
  });

  test("a line longer than an event is cut between characters", () => {
    const events: string[] = [];
    const transcript = createTranscript((text) => events.push(text));
    const text = `a${"😀".repeat(100_000)}`;
    transcript.add(Buffer.from(text));
    transcript.end();
    assert.equal(events.join(""), text);
    for (const event of events) assert.equal(Buffer.from(event).toString(), event);
  });
});
