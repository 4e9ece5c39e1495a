/**
 * One binary message of a Session Manager data channel: a header of fixed fields, big-endian, and a payload (as
 * AWS's open-source session-manager-plugin reads and writes it).
 */
import { createHash } from "node:crypto";
import { failure, type Result, success } from "../lib/result.ts";

export type MessageType =
  | "input_stream_data"
  | "output_stream_data"
  | "acknowledge"
  | "channel_closed"
  | "start_publication"
  | "pause_publication";

export const PAYLOAD = {
  none: 0,
  output: 1,
  error: 2,
  size: 3,
  parameter: 4,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  flag: 10,
  standardError: 11,
  exitCode: 12,
} as const;

export interface Message {
  readonly messageType: MessageType;
  /** Counts from 0 in each direction. */
  readonly sequenceNumber: number;
  /** 1: the first of its direction, 2: the last. */
  readonly flags: number;
  /** A uuid. */
  readonly messageId: string;
  readonly payloadType: number;
  readonly payload: Buffer;
  /** Milliseconds since the epoch. */
  readonly createdDate: number;
}

/** Up to, not including, the four bytes of the payload's length. */
const HEADER_LENGTH = 116;
const PAYLOAD_START = HEADER_LENGTH + 4;
const TYPE_LENGTH = 32;
const SCHEMA_VERSION = 1;
const AT = {
  type: 4,
  schema: 36,
  created: 40,
  sequence: 48,
  flags: 56,
  id: 64,
  digest: 80,
  payloadType: 112,
};
const MESSAGE_TYPES: readonly MessageType[] = [
  "input_stream_data",
  "output_stream_data",
  "acknowledge",
  "channel_closed",
  "start_publication",
  "pause_publication",
];

export function encodeMessage(message: Message): Buffer {
  const { payload } = message;
  const bytes = Buffer.alloc(PAYLOAD_START + payload.length);
  bytes.writeUInt32BE(HEADER_LENGTH, 0);
  bytes.write(message.messageType.padEnd(TYPE_LENGTH), AT.type, "latin1");
  bytes.writeUInt32BE(SCHEMA_VERSION, AT.schema);
  bytes.writeBigUInt64BE(BigInt(message.createdDate), AT.created);
  bytes.writeBigInt64BE(BigInt(message.sequenceNumber), AT.sequence);
  bytes.writeBigUInt64BE(BigInt(message.flags), AT.flags);
  swapHalves(Buffer.from(message.messageId.replaceAll("-", ""), "hex")).copy(bytes, AT.id);
  digestOf(payload).copy(bytes, AT.digest);
  bytes.writeUInt32BE(message.payloadType, AT.payloadType);
  bytes.writeUInt32BE(payload.length, HEADER_LENGTH);
  payload.copy(bytes, PAYLOAD_START);
  return bytes;
}

/** The failure says what is wrong with the bytes. */
export function decodeMessage(bytes: Buffer): Result<Message, string> {
  if (bytes.length < PAYLOAD_START) return failure(`a message of ${bytes.length} bytes has no header`);
  const headerLength = bytes.readUInt32BE(0);
  if (headerLength < HEADER_LENGTH || headerLength + 4 > bytes.length) {
    return failure(`a header cannot have ${headerLength} bytes`);
  }
  const typeText = bytes.toString("latin1", AT.type, AT.schema).replaceAll("\0", "").trim();
  const messageType = MESSAGE_TYPES.find((type) => type === typeText);
  if (messageType === undefined) return failure(`unknown message type ${JSON.stringify(typeText)}`);
  const payloadLength = bytes.readUInt32BE(headerLength);
  const payload = bytes.subarray(headerLength + 4);
  if (payload.length !== payloadLength) {
    return failure(`a payload of ${payload.length} bytes is said to have ${payloadLength}`);
  }
  if (payloadLength > 0 && !digestOf(payload).equals(bytes.subarray(AT.digest, AT.payloadType))) {
    return failure("the payload does not fit its digest");
  }
  return success({
    messageType,
    sequenceNumber: Number(bytes.readBigInt64BE(AT.sequence)),
    flags: Number(bytes.readBigUInt64BE(AT.flags)),
    messageId: uuidOf(swapHalves(bytes.subarray(AT.id, AT.digest))),
    payloadType: bytes.readUInt32BE(AT.payloadType),
    payload,
    createdDate: Number(bytes.readBigUInt64BE(AT.created)),
  });
}

function digestOf(payload: Buffer): Buffer {
  return createHash("sha256").update(payload).digest();
}

/** The half with the lower bits comes first. */
function swapHalves(id: Buffer): Buffer {
  return Buffer.concat([id.subarray(8, 16), id.subarray(0, 8)]);
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
