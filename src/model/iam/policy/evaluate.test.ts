import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parsePolicy } from "./document.ts";
import { type Decision, evaluateAccess, type NamedPolicy, type PolicySet } from "./evaluate.ts";
import { matchesPattern } from "./patterns.ts";

function policy(statement: object, name = "p", Version = "2012-10-17"): NamedPolicy {
  const document = parsePolicy(JSON.stringify({ Version, Statement: statement }));
  assert.ok(document);
  return { name, document };
}

/** A policy variable: `$` and its name in braces. */
function variable(name: string): string {
  return `$\{${name}}`.replace("\\", "");
}

const PRINCIPAL = {
  account: "111111111111",
  arn: "arn:aws:iam::111111111111:role/task",
  sessionArn: "arn:aws:sts::111111111111:assumed-role/task/0123",
};
const QUEUE = "arn:aws:sqs:us-east-1:111111111111:queue/a:b";

function decide(
  policies: Partial<PolicySet>,
  more: { action?: string; resource?: string; context?: Record<string, string | string[]> } = {},
): Decision {
  const context = new Map(
    Object.entries(more.context ?? {}).map(([key, value]) => [key.toLowerCase(), [value].flat()] as const),
  );
  return evaluateAccess(
    { identity: [], ...policies },
    {
      action: more.action ?? "sqs:SendMessage",
      resource: more.resource ?? QUEUE,
      principal: PRINCIPAL,
      context,
    },
  );
}

const allowAll = policy({ Effect: "Allow", Action: "*", Resource: "*" }, "all");

describe("access", () => {
  test("nothing said is no permission", () => {
    assert.deepEqual(decide({}), { effect: "implicit-deny", missing: "identity" });
  });

  test("a deny anywhere wins over every allow, and is named", () => {
    const deny = policy([{ Sid: "No", Effect: "Deny", Action: "sqs:*", Resource: "*" }], "deny");
    assert.deepEqual(decide({ identity: [allowAll, deny] }), {
      effect: "explicit-deny",
      by: [{ policy: "deny", kind: "identity", sid: "No", index: 0 }],
    });
    assert.equal(decide({ identity: [allowAll], session: [deny] }).effect, "explicit-deny");
    assert.equal(decide({ identity: [allowAll], boundary: deny }).effect, "explicit-deny");
  });

  test("boundary and session policies limit, and give nothing by themselves", () => {
    const other = policy({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    assert.deepEqual(decide({ identity: [allowAll], boundary: other }), {
      effect: "implicit-deny",
      missing: "boundary",
    });
    assert.deepEqual(decide({ identity: [allowAll], session: [other] }), {
      effect: "implicit-deny",
      missing: "session",
    });
    assert.deepEqual(decide({ identity: [], boundary: allowAll, session: [allowAll] }), {
      effect: "implicit-deny",
      missing: "identity",
    });
    assert.equal(
      decide({ identity: [allowAll], boundary: allowAll, session: [other, allowAll] }).effect,
      "allow",
    );
  });

  test("actions go without regard to case, resources with it", () => {
    const one = policy({ Effect: "Allow", Action: "SQS:send*", Resource: "arn:aws:sqs:*:*:queue/*" });
    assert.equal(decide({ identity: [one] }).effect, "allow");
    assert.equal(
      decide({ identity: [one] }, { resource: QUEUE.replace("queue", "Queue") }).effect,
      "implicit-deny",
    );
  });

  test("NotAction and NotResource speak of everything else", () => {
    const most = policy({ Effect: "Allow", NotAction: ["iam:*", "sqs:Delete*"], Resource: "*" });
    assert.equal(decide({ identity: [most] }).effect, "allow");
    assert.equal(decide({ identity: [most] }, { action: "sqs:DeleteQueue" }).effect, "implicit-deny");
    const elsewhere = policy({ Effect: "Deny", Action: "*", NotResource: "arn:aws:sqs:us-east-1:*:*" });
    assert.equal(decide({ identity: [allowAll, elsewhere] }).effect, "allow");
    assert.equal(
      decide({ identity: [allowAll, elsewhere] }, { resource: "arn:aws:sqs:eu-west-1:1:x" }).effect,
      "explicit-deny",
    );
  });

  test("an action without a resource needs the resource *", () => {
    const some = policy({ Effect: "Allow", Action: "ecr:*", Resource: "arn:aws:ecr:*:*:repository/*" });
    const request = { action: "ecr:GetAuthorizationToken", resource: "*" };
    assert.equal(decide({ identity: [some] }, request).effect, "implicit-deny");
    assert.equal(decide({ identity: [allowAll] }, request).effect, "allow");
  });

  test("a resource's policy in the same account suffices, and to a session's own name past the boundary", () => {
    const toRole = policy({ Effect: "Allow", Principal: { AWS: PRINCIPAL.arn }, Action: "sqs:*" });
    const toSession = policy({ Effect: "Allow", Principal: { AWS: PRINCIPAL.sessionArn }, Action: "sqs:*" });
    assert.equal(decide({ resource: toRole }).effect, "allow");
    const boundary = policy({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    assert.equal(decide({ resource: toRole, boundary }).effect, "implicit-deny");
    assert.equal(decide({ resource: toSession, boundary }).effect, "allow");
  });

  test("between accounts both must allow", () => {
    const resource = policy({ Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "sqs:*" });
    const resourceAccount = "222222222222";
    assert.equal(decide({ resource, resourceAccount }).effect, "implicit-deny");
    assert.equal(decide({ resource, resourceAccount, identity: [allowAll] }).effect, "allow");
    assert.equal(decide({ resourceAccount, identity: [allowAll] }).effect, "implicit-deny");
  });

  test("a trust policy decides for a service, and by itself", () => {
    const trust = policy({
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } },
    });
    const ask = (service: string, source: string) =>
      evaluateAccess(
        { identity: [], resource: trust, resourceDecides: true },
        {
          action: "sts:AssumeRole",
          resource: PRINCIPAL.arn,
          principal: { account: "", arn: "", service },
          context: new Map([["aws:sourceaccount", [source]]]),
        },
      ).effect;
    assert.equal(ask("ecs-tasks.amazonaws.com", "111111111111"), "allow");
    assert.equal(ask("ecs-tasks.amazonaws.com", "222222222222"), "implicit-deny");
    assert.equal(ask("ec2.amazonaws.com", "111111111111"), "implicit-deny");
    assert.equal(
      decide({ identity: [allowAll], resource: trust, resourceDecides: true }).effect,
      "implicit-deny",
    );
  });
});

describe("conditions", () => {
  const rows: readonly [
    title: string,
    condition: object,
    context: Record<string, string | string[]>,
    holds: boolean,
  ][] = [
    ["equal", { StringEquals: { "aws:x": "a" } }, { "AWS:X": "a" }, true],
    ["one of several values", { StringEquals: { "aws:x": ["b", "a"] } }, { "aws:x": "a" }, true],
    ["case", { StringEquals: { "aws:x": "A" } }, { "aws:x": "a" }, false],
    ["case ignored", { StringEqualsIgnoreCase: { "aws:x": "A" } }, { "aws:x": "a" }, true],
    ["none of several", { StringNotEquals: { "aws:x": ["a", "b"] } }, { "aws:x": "a" }, false],
    ["negated and missing", { StringNotEquals: { "aws:x": "a" } }, {}, true],
    ["missing", { StringEquals: { "aws:x": "a" } }, {}, false],
    ["missing, if it exists", { StringEqualsIfExists: { "aws:x": "a" } }, {}, true],
    ["pattern", { StringLike: { "aws:x": "a*c?" } }, { "aws:x": "abbcd" }, true],
    [
      "a pattern's variable",
      { StringLike: { "aws:x": `${variable("aws:y")}/*` } },
      { "aws:x": "me/z", "aws:y": "me" },
      true,
    ],
    [
      "a variable's wildcard is text",
      { StringLike: { "aws:x": variable("aws:y") } },
      { "aws:x": "ab", "aws:y": "a*" },
      false,
    ],
    ["a variable's default", { StringEquals: { "aws:x": variable("aws:y, 'z'") } }, { "aws:x": "z" }, true],
    ["number", { NumericLessThanEquals: { "aws:n": "10" } }, { "aws:n": "9.5" }, true],
    ["no number", { NumericEquals: { "aws:n": "0" } }, { "aws:n": "" }, false],
    ["date", { DateGreaterThan: { "aws:t": "2026-01-01T00:00:00Z" } }, { "aws:t": "1790000000" }, true],
    ["truth", { Bool: { "aws:b": "true" } }, { "aws:b": "True" }, true],
    ["address", { IpAddress: { "aws:ip": "10.0.0.0/8" } }, { "aws:ip": "10.2.3.4" }, true],
    [
      "not the address",
      { NotIpAddress: { "aws:ip": ["10.0.0.0/8", "192.168.0.1"] } },
      { "aws:ip": "192.168.0.1" },
      false,
    ],
    ["IPv6", { IpAddress: { "aws:ip": "2001:db8::/32" } }, { "aws:ip": "2001:db8::1" }, true],
    [
      "ARN",
      { ArnLike: { "aws:a": "arn:aws:ecs:*:*:task/*" } },
      { "aws:a": "arn:aws:ecs:r:1:task/c/1" },
      true,
    ],
    [
      "an ARN's star stays in its part",
      { ArnLike: { "aws:a": "arn:aws:*:task/x" } },
      { "aws:a": "arn:aws:ecs:r:1:task/x" },
      false,
    ],
    ["null", { Null: { "aws:x": "true" } }, {}, true],
    ["not null", { Null: { "aws:x": "false" } }, { "aws:x": "" }, true],
    [
      "all values",
      { "ForAllValues:StringEquals": { "aws:k": ["a", "b"] } },
      { "aws:k": ["a", "b", "a"] },
      true,
    ],
    [
      "all values but one",
      { "ForAllValues:StringEquals": { "aws:k": ["a"] } },
      { "aws:k": ["a", "b"] },
      false,
    ],
    ["all of none", { "ForAllValues:StringEquals": { "aws:k": ["a"] } }, {}, true],
    ["any value", { "ForAnyValue:StringLike": { "aws:k": "b*" } }, { "aws:k": ["a", "bc"] }, true],
    ["any of none", { "ForAnyValue:StringEquals": { "aws:k": "a" } }, {}, false],
    [
      "all keys and operators",
      { StringEquals: { "aws:x": "a", "aws:y": "b" } },
      { "aws:x": "a", "aws:y": "c" },
      false,
    ],
    ["an unknown operator never holds", { StringResembles: { "aws:x": "a" } }, { "aws:x": "a" }, false],
  ];
  for (const [title, Condition, context, holds] of rows) {
    test(title, () => {
      const one = policy({ Effect: "Allow", Action: "*", Resource: "*", Condition });
      assert.equal(decide({ identity: [one] }, { context }).effect, holds ? "allow" : "implicit-deny");
    });
  }

  test("before 2012-10-17 a variable is plain text", () => {
    const statement = {
      Effect: "Allow",
      Action: "*",
      Resource: "*",
      Condition: { StringEquals: { "aws:x": variable("aws:y") } },
    };
    const context = { "aws:x": variable("aws:y"), "aws:y": "v" };
    assert.equal(decide({ identity: [policy(statement, "old", "2008-10-17")] }, { context }).effect, "allow");
    assert.equal(decide({ identity: [policy(statement)] }, { context }).effect, "implicit-deny");
  });
});

/** A generator of numbers that a seed decides. */
function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

test("patterns match as the regular expressions that they stand for, and in time", () => {
  const below = seeded(7);
  const word = (letters: string, length: number) =>
    Array.from({ length }, () => letters.charAt(below(letters.length))).join("");
  for (let round = 0; round < 20_000; round++) {
    const pattern = word("ab*?:", below(8));
    const text = word("ab:", below(10));
    const expected = new RegExp(
      `^${pattern.replace(/[*?]/g, (sign) => (sign === "*" ? "[^]*" : "[^]"))}$`,
    ).test(text);
    assert.equal(matchesPattern(pattern, text), expected, `${pattern} on ${text}`);
  }
  assert.equal(matchesPattern(`${"a*".repeat(50)}b`, "a".repeat(5000)), false);
});

test("random policies are decided as by reading them straight through", () => {
  const below = seeded(11);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const actions = ["a:X", "a:Y", "b:X"];
  const resources = ["arn:1", "arn:2", "arn:3"];
  const words = (items: readonly string[]) =>
    Array.from({ length: 1 + below(2) }, () => (below(5) === 0 ? "*" : pick(items)));
  const statement = () => ({
    Effect: below(4) === 0 ? "Deny" : "Allow",
    [below(4) === 0 ? "NotAction" : "Action"]: words(actions),
    [below(4) === 0 ? "NotResource" : "Resource"]: words(resources),
    ...(below(3) === 0
      ? { Condition: { [pick(["StringEquals", "StringNotEquals"])]: { "k:v": words(["1", "2"]) } } }
      : {}),
  });
  type Plain = ReturnType<typeof statement>;
  const has = (list: readonly string[] | undefined, value: string) =>
    list?.some((entry) => entry === "*" || entry === value);
  const speaks = (one: Plain, action: string, resource: string, value: string | undefined): boolean => {
    const entries = one as unknown as Record<string, readonly string[] | undefined>;
    if (entries["Action"] ? !has(entries["Action"], action) : has(entries["NotAction"], action)) return false;
    if (entries["Resource"] ? !has(entries["Resource"], resource) : has(entries["NotResource"], resource))
      return false;
    const condition = "Condition" in one ? (one.Condition as Record<string, Record<string, string[]>>) : {};
    for (const [operator, keys] of Object.entries(condition)) {
      const wanted = keys["k:v"] ?? [];
      if (operator === "StringEquals" && (value === undefined || !wanted.includes(value))) return false;
      if (operator === "StringNotEquals" && value !== undefined && wanted.includes(value)) return false;
    }
    return true;
  };
  for (let round = 0; round < 5000; round++) {
    const list = (): Plain[] => Array.from({ length: 1 + below(3) }, statement);
    const [identity, boundary, session] = [
      list(),
      below(2) ? list() : undefined,
      below(2) ? list() : undefined,
    ];
    const [action, resource, value] = [pick(actions), pick(resources), pick(["1", "2", undefined])];
    const meets = (group: Plain[] | undefined, effect: string) =>
      (group ?? []).some((one) => one.Effect === effect && speaks(one, action, resource, value));
    const denied = [identity, boundary, session].some((group) => meets(group, "Deny"));
    const allowed =
      meets(identity, "Allow") &&
      (boundary === undefined || meets(boundary, "Allow")) &&
      (session === undefined || meets(session, "Allow"));
    const decision = decide(
      {
        identity: [policy(identity)],
        ...(boundary === undefined ? {} : { boundary: policy(boundary) }),
        ...(session === undefined ? {} : { session: [policy(session)] }),
      },
      { action, resource, context: value === undefined ? {} : { "k:v": value } },
    );
    const expected = denied ? "explicit-deny" : allowed ? "allow" : "implicit-deny";
    assert.equal(
      decision.effect,
      expected,
      JSON.stringify({ identity, boundary, session, action, resource, value }),
    );
  }
});
