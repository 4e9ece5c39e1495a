import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planChanges, type RecordChange } from "./change-batch.ts";
import { compareNames, escapeName, nameFault, normaliseName } from "./domain-names.ts";
import type { HostedZone, RecordSet } from "./records.ts";
import { newZoneRecordSets } from "./zone-defaults.ts";

const zone: HostedZone = {
  id: "Z1",
  account: "000000000000",
  name: "example.com.",
  callerReference: "x",
  privateZone: false,
  vpcs: [],
  nameServers: ["ns-1.awsdns-00.com"],
  tags: [],
};

function change(
  action: RecordChange["action"],
  sentName: string,
  type: string,
  values: string[],
  more: Partial<RecordSet> = {},
): RecordChange {
  const name = normaliseName(sentName);
  return { action, sentName, recordSet: { zoneId: zone.id, name, type, ttlSeconds: 300, values, ...more } };
}

function plan(changes: RecordChange[], existing: RecordSet[] = []) {
  return planChanges(changes, {
    zone,
    existing: [...newZoneRecordSets(zone), ...existing],
    findAliasTarget: (alias) => (alias.hostedZoneId === "ZELB" ? "found" : "outside-zone"),
  });
}

function messages(changes: RecordChange[], existing: RecordSet[] = []): readonly string[] {
  const result = plan(changes, existing);
  return result.ok ? [] : result.messages;
}

const www = change("CREATE", "www.example.com", "A", ["192.0.2.1"]).recordSet;

describe("names", () => {
  test("are kept in lower case with the trailing dot and without escapes, and shown with them", () => {
    assert.equal(normaliseName("\\052.Example.COM"), "*.example.com.");
    assert.equal(escapeName("*.example.com."), "\\052.example.com.");
    assert.equal(escapeName(normaliseName("a@b.example.com")), "a\\100b.example.com.");
    assert.equal(normaliseName("a\\056b.example.com"), "a\\056b.example.com.");
  });

  test("are ordered by their labels from the right", () => {
    const names = [
      "www.example.com.",
      "example.com.",
      "a.b.example.com.",
      "*.example.com.",
      "b.example.com.",
    ];
    assert.deepEqual(names.sort(compareNames), [
      "example.com.",
      "*.example.com.",
      "b.example.com.",
      "a.b.example.com.",
      "www.example.com.",
    ]);
  });

  test("with empty or long labels are refused", () => {
    assert.equal(
      nameFault("a..example.com"),
      "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..example.com'",
    );
    assert.match(nameFault(`${"a".repeat(64)}.com`) ?? "", /DomainLabelTooLong/);
    assert.equal(nameFault("*.example.com."), undefined);
  });
});

describe("a batch of changes", () => {
  test("is all or nothing, and tells everything that is wrong", () => {
    assert.deepEqual(
      messages(
        [
          change("CREATE", "ok.example.com", "A", ["192.0.2.2"]),
          change("CREATE", "www.example.com", "A", ["192.0.2.1"]),
          change("DELETE", "gone.example.com", "A", ["192.0.2.1"]),
        ],
        [www],
      ),
      [
        "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists",
        "Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found",
      ],
    );
  });

  test("deletes only what it names exactly", () => {
    const wrong = change("DELETE", "www.example.com", "A", ["192.0.2.9"]);
    assert.deepEqual(messages([wrong], [www]), [
      "Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values",
    ]);
    const right = plan([change("DELETE", "WWW.example.com.", "A", ["192.0.2.1"])], [www]);
    assert.deepEqual(right, { ok: true, puts: [], deletes: [www] });
  });

  test("may delete and create one record set, but not create it twice", () => {
    const replace = plan(
      [
        change("DELETE", "www.example.com", "A", ["192.0.2.1"]),
        change("CREATE", "www.example.com", "A", ["192.0.2.2"]),
      ],
      [www],
    );
    assert.ok(replace.ok);
    assert.deepEqual(
      replace.puts.map((set) => set.values),
      [["192.0.2.2"]],
    );
    const twice = change("UPSERT", "www.example.com", "A", ["192.0.2.2"]);
    assert.deepEqual(messages([twice, twice]), [
      "The request contains an invalid set of changes for a resource record set 'A www.example.com.'",
    ]);
  });

  test("stays within its zone", () => {
    assert.deepEqual(messages([change("CREATE", "www.example.org", "A", ["192.0.2.1"])]), [
      "RRSet with DNS name www.example.org. is not permitted in zone example.com.",
    ]);
  });

  test("lets a CNAME stand only alone, and not at the apex", () => {
    assert.deepEqual(messages([change("CREATE", "example.com", "CNAME", ["a.com"])]), [
      "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.",
    ]);
    assert.deepEqual(messages([change("CREATE", "www.example.com", "CNAME", ["a.com"])], [www]), [
      "RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.",
    ]);
    const alias = change("CREATE", "x.example.com", "CNAME", ["a.com"]).recordSet;
    assert.deepEqual(messages([change("CREATE", "x.example.com", "TXT", ['"t"'])], [alias]), [
      "RRSet of type TXT with DNS name x.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.",
    ]);
  });

  test("leaves the zone its SOA and name servers", () => {
    const [ns, soa] = newZoneRecordSets(zone);
    assert.ok(ns !== undefined && soa !== undefined);
    assert.deepEqual(messages([{ action: "DELETE", sentName: "example.com", recordSet: soa }]), [
      "A HostedZone must contain exactly one SOA record.",
    ]);
    assert.deepEqual(messages([{ action: "DELETE", sentName: "example.com", recordSet: ns }]), [
      "A HostedZone must contain at least one NS record for the zone itself.",
    ]);
  });

  test("refuses values that do not fit the type", () => {
    assert.deepEqual(messages([change("CREATE", "a.example.com", "A", ["lb.example.com"])]), [
      "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'lb.example.com''",
    ]);
    assert.deepEqual(messages([change("CREATE", "a.example.com", "TXT", ["bare"])]), [
      "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'bare''",
    ]);
    const long = `"${"a".repeat(256)}"`;
    assert.match(
      messages([change("CREATE", "a.example.com", "TXT", [long])])[0] ?? "",
      /CharacterStringTooLong/,
    );
    assert.deepEqual(messages([change("CREATE", "a.example.com", "TXT", [`"${"a".repeat(255)}" "b"`])]), []);
    assert.deepEqual(messages([change("CREATE", "a.example.com", "MX", ["10 mail.example.com."])]), []);
    assert.match(
      messages([change("CREATE", "a.example.com", "SRV", ["1 1 host"])])[0] ?? "",
      /NotFourFields/,
    );
  });

  test("refuses an alias that leads nowhere", () => {
    const alias = (hostedZoneId: string, dnsName: string) =>
      change("CREATE", "www.example.com", "A", [], {
        ttlSeconds: undefined,
        aliasTarget: { hostedZoneId, dnsName, evaluateTargetHealth: true },
      });
    assert.deepEqual(messages([alias("Z1", "lb-1.ap-southeast-2.elb.amazonaws.com")]), [
      "Tried to create an alias that targets lb-1.ap-southeast-2.elb.amazonaws.com., type A in zone Z1, but the alias target name does not lie within the target zone",
      "Tried to create an alias that targets lb-1.ap-southeast-2.elb.amazonaws.com., type A in zone Z1, but that target was not found",
    ]);
    assert.deepEqual(messages([alias("ZELB", "lb-1.ap-southeast-2.elb.amazonaws.com")]), []);
  });

  test("mixes no routing policies under one name and type", () => {
    const one = change("CREATE", "w.example.com", "A", ["192.0.2.1"], { setIdentifier: "one", weight: 1 });
    const two = change("CREATE", "w.example.com", "A", ["192.0.2.2"], { setIdentifier: "two", weight: 1 });
    assert.deepEqual(messages([one, two]), []);
    const multi = change("CREATE", "w.example.com", "A", ["192.0.2.3"], {
      setIdentifier: "three",
      multiValueAnswer: true,
    });
    assert.deepEqual(messages([multi], [one.recordSet]), [
      'RRSet with DNS name w.example.com., type A, SetIdentifier "three" cannot be created because a non multivalue answer rrset exists with the same name and type.',
    ]);
  });

  test("is limited to 1000 records, an UPSERT counting twice", () => {
    const many = (action: "CREATE" | "UPSERT", count: number) =>
      Array.from({ length: count }, (_, i) => change(action, `h${i}.example.com`, "A", ["192.0.2.1"]));
    assert.deepEqual(messages(many("CREATE", 1000)), []);
    assert.deepEqual(messages(many("UPSERT", 501)), ["Number of records limit of 1000 exceeded."]);
  });
});
