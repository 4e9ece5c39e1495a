import assert from "node:assert/strict";
import { describe, test } from "node:test";
import packet from "dns-packet";
import { indexZones } from "../../lib/dns/zones.ts";
import type { DnsRecordSet } from "../fabric.ts";
import { CODES } from "./message.ts";
import { respond } from "./respond.ts";

const set = (name: string, type: string, values: string[]): DnsRecordSet => ({
  name,
  type,
  values,
  ttlSeconds: 60,
  selection: "all",
});

const index = indexZones([
  {
    name: "example.com.",
    private: true,
    soa: { ttlSeconds: 900, nameServer: "ns." },
    recordSets: [
      set("example.com.", "SOA", [
        "ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
      ]),
      set("www.example.com.", "CNAME", ["web.example.com."]),
      set("web.example.com.", "A", ["10.0.0.1", "10.0.0.2"]),
      set("web.example.com.", "AAAA", ["2001:db8::1", "::ffff:10.0.0.1"]),
      set("web.example.com.", "TXT", ['"a \\"b\\"" "c\\040d"']),
      set("web.example.com.", "MX", ["10 mail.example.com"]),
      set("web.example.com.", "SRV", ["1 2 80 web.example.com."]),
      set("web.example.com.", "CAA", ['0 issue "letsencrypt.org"']),
      set(
        "big.example.com.",
        "TXT",
        Array.from({ length: 40 }, (_, i) => `"${String(i).padStart(100, "x")}"`),
      ),
    ],
  },
]);

type Question = { name: string; type: packet.RecordType; class?: packet.RecordClass };

function query(question: Question, more: Partial<packet.Packet> = {}): Buffer {
  return packet.encode({
    type: "query",
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [question],
    ...more,
  });
}

function answer(bytes: Buffer, transport: "udp" | "tcp" = "udp") {
  const response = respond(bytes, transport, index, () => 0);
  assert.ok(response !== undefined);
  const decoded = packet.decode(response);
  const code = response.readUInt16BE(2) & 0xf;
  return { bytes: response, code, ...decoded };
}

const edns = (udpPayloadSize: number, ednsVersion = 0): Partial<packet.Packet> => ({
  additionals: [
    {
      type: "OPT",
      name: ".",
      udpPayloadSize,
      extendedRcode: 0,
      ednsVersion,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

describe("responses", () => {
  test("echo the question as it was written", () => {
    const response = answer(query({ name: "WEB.Example.com", type: "A" }));
    assert.equal(response.questions?.[0]?.name, "WEB.Example.com");
    assert.equal(response.answers?.[0]?.name, "WEB.Example.com");
    assert.deepEqual(
      [response.id, response.flag_ra, response.flag_rd, response.code],
      [7, true, true, CODES.NOERROR],
    );
  });

  test("carry each type as another decoder reads it", () => {
    const data = (type: packet.RecordType) =>
      answer(query({ name: "web.example.com", type })).answers?.map((record) =>
        "data" in record ? record.data : "",
      );
    assert.deepEqual(data("A"), ["10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(data("AAAA"), ["2001:db8::1", "::ffff:a00:1"]);
    assert.deepEqual(data("TXT"), [[Buffer.from('a "b"'), Buffer.from("c d")]]);
    assert.deepEqual(data("MX"), [{ preference: 10, exchange: "mail.example.com" }]);
    assert.deepEqual(data("SRV"), [{ priority: 1, weight: 2, port: 80, target: "web.example.com" }]);
    const [caa] = data("CAA") ?? [];
    assert.ok(typeof caa === "object" && caa !== null && "value" in caa && caa.value === "letsencrypt.org");
  });

  test("follow an alias, naming each record's owner", () => {
    const response = answer(query({ name: "www.example.com", type: "A" }));
    assert.deepEqual(
      response.answers?.map((record) => record.name),
      ["www.example.com", "web.example.com", "web.example.com"],
    );
  });

  test("bring the SOA when the name does not exist", () => {
    const response = answer(query({ name: "no.example.com", type: "A" }));
    assert.equal(response.code, CODES.NXDOMAIN);
    const [soa] = response.authorities ?? [];
    assert.ok(
      soa?.type === "SOA" && soa.name === "example.com" && soa.ttl === 900 && soa.data.minimum === 86_400,
    );
  });

  test("are cut at 512 bytes, or at what EDNS allows, and say so; TCP carries all", () => {
    const question: Question = { name: "big.example.com", type: "TXT" };
    const plain = answer(query(question));
    assert.ok(plain.flag_tc && plain.bytes.length <= 512 && (plain.answers?.length ?? 0) > 0);
    const larger = answer(query(question, edns(1232)));
    assert.ok(larger.flag_tc && larger.bytes.length <= 1232 && larger.bytes.length > 512);
    const tcp = answer(query(question), "tcp");
    assert.equal(tcp.flag_tc, false);
    assert.equal(tcp.answers?.length, 40);
  });

  test("answer an unknown EDNS version with BADVERS", () => {
    const response = answer(query({ name: "web.example.com", type: "A" }, edns(1232, 1)));
    const [opt] = response.additionals ?? [];
    assert.ok(opt?.type === "OPT" && opt.extendedRcode === 1);
  });

  test("refuse other classes and operations", () => {
    assert.equal(answer(query({ name: "web.example.com", type: "A", class: "CH" })).code, CODES.REFUSED);
    const update = query({ name: "web.example.com", type: "A" });
    update.writeUInt16BE(5 << 11, 2);
    assert.equal(answer(update).code, CODES.NOTIMP);
  });
});

describe("packets that are no queries", () => {
  test("are ignored when they are too short or responses", () => {
    assert.equal(
      respond(Buffer.alloc(11), "udp", index, () => 0),
      undefined,
    );
    const response = query({ name: "web.example.com", type: "A" });
    response.writeUInt16BE(0x8000, 2);
    assert.equal(
      respond(response, "udp", index, () => 0),
      undefined,
    );
  });

  test("never make it throw, wherever they are cut or flipped", () => {
    const good = query({ name: "web.example.com", type: "A" }, edns(1232));
    for (let length = 0; length < good.length; length++)
      respond(good.subarray(0, length), "udp", index, () => 0);
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 1, 0x3f, 0x40, 0xc0, 0xff]) {
        const bad = Buffer.from(good);
        bad.writeUInt8(value, at);
        const response = respond(bad, "udp", index, () => 0);
        if (response !== undefined) packet.decode(response);
      }
    }
  });
});
