/** For tests: the client's end of a data channel, written from the protocol. */
import assert from "node:assert/strict";
import { WebSocket } from "ws";
import { systemRandom } from "../lib/random.ts";
import { decodeMessage, encodeMessage, type Message, PAYLOAD } from "./message.ts";

/** A client as the plugin is one: acknowledges, answers the handshake, keeps what is printed. */
export class Client {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly ended: Promise<string>;
  output = "";
  ready: Promise<void>;
  #expected = 0;
  #next = 0;
  #isReady: () => void = () => {};

  constructor(url: string, token: string) {
    this.socket = new WebSocket(url);
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.socket.once("open", () => {
        this.socket.send(
          JSON.stringify({ MessageSchemaVersion: "1.0", TokenValue: token, ClientVersion: "1.2" }),
        );
        resolve();
      });
    });
    this.ended = new Promise((resolve) => {
      this.socket.on("message", (data: Buffer) => {
        const decoded = decodeMessage(data);
        assert.ok(decoded.ok);
        if (decoded.value.messageType === "channel_closed") {
          resolve(JSON.parse(decoded.value.payload.toString()).Output);
        } else this.#take(decoded.value);
      });
      this.socket.once("close", (code) => resolve(`closed ${code}`));
      this.socket.once("error", (error) => resolve(error.message));
    });
  }

  /** A new connection of the same session: goes on counting. What is printed is found on the new client. */
  reconnect(url: string, token: string): Client {
    const client = new Client(url, token);
    client.#expected = this.#expected;
    client.#next = this.#next;
    return client;
  }

  send(payloadType: number, payload: Buffer): void {
    this.#frame({ messageType: "input_stream_data", sequenceNumber: this.#next++, payloadType, payload });
  }

  type(text: string): void {
    this.send(PAYLOAD.output, Buffer.from(text));
  }

  #take(message: Message): void {
    if (message.messageType !== "output_stream_data") return;
    const content = { AcknowledgedMessageSequenceNumber: message.sequenceNumber };
    this.#frame({
      messageType: "acknowledge",
      sequenceNumber: 0,
      payloadType: 0,
      payload: Buffer.from(JSON.stringify(content)),
    });
    if (message.sequenceNumber !== this.#expected) return;
    this.#expected += 1;
    if (message.payloadType === PAYLOAD.handshakeRequest) {
      this.send(PAYLOAD.handshakeResponse, Buffer.from('{"ClientVersion":"1.2"}'));
    } else if (message.payloadType === PAYLOAD.handshakeComplete) this.#isReady();
    else this.output += message.payload.toString();
  }

  #frame(part: Pick<Message, "messageType" | "sequenceNumber" | "payloadType" | "payload">): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(
      encodeMessage({ ...part, flags: 0, messageId: systemRandom.uuid(), createdDate: Date.now() }),
    );
  }
}
