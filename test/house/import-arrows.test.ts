/** Who may import whom. The table is docs/architecture.md's; this test holds it. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { importsOf, isTestCode, readTree, type SourceFile } from "./source-tree.ts";

/** What each part may import of Berth, beside its own folder: a folder, or one file. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ["lib"],
  store: ["model", "lib"],
  services: ["model", "store", "lib"],
  access: ["services/operation.ts", "model", "store", "lib"],
  gateway: ["services/operation.ts", "model/scope.ts", "lib"],
  runtime: ["lib"],
  fabric: ["lib"],
  reconcile: [
    "model",
    "store",
    "lib",
    "runtime/container-runtime.ts",
    "fabric/fabric.ts",
    "fabric/config.ts",
  ],
  session: ["model", "store", "lib", "runtime/container-runtime.ts"],
  "state-change": ["services/ecs/views", "model", "store", "lib"],
  trail: [
    "gateway/call-recorder.ts",
    "gateway/recorded-parameters.ts",
    "services/operation.ts",
    "access/actions",
    "model",
    "store",
    "lib",
  ],
  registry: ["model", "store", "lib"],
  "task-endpoint": ["model", "store", "lib", "fabric/fabric.ts"],
  admin: ["model", "store", "lib"],
  "config.ts": ["model/cidr.ts", "lib"],
  "world.ts": ["config.ts", "fabric", "runtime", "lib"],
  // The command line makes parts of its own where no server runs (`berth down`), but answers nothing by itself.
  cli: ["admin", "config.ts", "main.ts", "fabric", "runtime", "lib", "reconcile/certificates/authority.ts"],
};

/** Parts whose folders are strangers to each other; files beside the folders are shared by all of them. */
const SEPARATE_FOLDERS = ["services", "reconcile", "fabric", "runtime"];

/** Within `fabric` the planners share names and ranges, and `linux` applies what they plan. */
const FOLDER_ARROWS: Readonly<Record<string, readonly string[]>> = {
  "fabric/firewall": ["fabric/links", "fabric/routing"],
  "fabric/instance": ["fabric/firewall", "fabric/links", "fabric/routing"],
  "fabric/links": ["fabric/routing"],
  "fabric/routing": ["fabric/links"],
  "fabric/linux": ["fabric/links", "fabric/routing", "fabric/firewall", "fabric/instance"],
};

/** Packages and Node modules that belong to some places only. */
const PACKAGES: readonly {
  readonly name: RegExp;
  readonly places: readonly string[];
  readonly why: string;
}[] = [
  { name: /^node:sqlite$/, places: ["store/database.ts"], why: "one place opens databases" },
  { name: /^dockerode$/, places: ["runtime/docker"], why: "one adapter knows Docker" },
  {
    name: /^node:child_process$/,
    places: ["fabric", "runtime/docker", "cli"],
    why: "only adapters and the command line start processes",
  },
  {
    name: /^node:timers(\/promises)?$/,
    places: ["fabric", "runtime", "cli"],
    why: "time is a dependency: lib/clock.ts",
  },
  {
    name: /^@aws-sdk\/client-/,
    places: [
      "services",
      "access",
      "model",
      "reconcile",
      "state-change",
      "gateway/service-catalog.ts",
      "cli/demo",
    ],
    why: "the network, containers, storage and command line know no AWS API",
  },
  {
    name: /^@(smithy|aws-sdk\/core)/,
    places: ["gateway"],
    why: "the SDK's codecs stay behind the gateway",
  },
  { name: /^ws$/, places: ["session"], why: "one place speaks web sockets" },
  { name: /^commander$/, places: ["cli"], why: "one place reads the command line" },
];

/**
 * Imports that break the table and are there today: `<file> → <imported>`, with the reason. None may be added
 * without one, and one that is no longer needed must go.
 */
const EXCEPTIONS: ReadonlySet<string> = new Set([
  // The catalogue is the one place that names every service; it loads each when its first request comes.
  ...[
    "acm",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "logs",
    "route53",
    "servicediscovery",
    "ssm",
    "sts",
    "autoscaling",
    "events",
    "secretsmanager",
    "cloudtrail",
    "s3",
  ].map((service) => `src/gateway/service-catalog.ts → services/${service}/operations.ts`),
]);

describe("import arrows", () => {
  it("the tree keeps to the table", () => {
    const violations = sources().flatMap(violationsOf);
    assert.deepEqual(
      violations.filter(({ key }) => !EXCEPTIONS.has(key)).map(({ text }) => text),
      [],
    );
  });

  it("every exception is still needed", () => {
    const violations = new Set(sources().flatMap((file) => violationsOf(file).map(({ key }) => key)));
    assert.deepEqual(
      [...EXCEPTIONS].filter((key) => !violations.has(key)),
      [],
    );
  });

  it("every part of the tree is in the table", () => {
    const parts = new Set(sources().map(({ path }) => path.split("/")[1] ?? ""));
    assert.deepEqual(
      [...parts].filter((part) => part !== "main.ts" && ARROWS[part] === undefined),
      [],
    );
  });

  const fixtures: readonly (readonly [title: string, path: string, code: string])[] = [
    ["lib imports a part of Berth", "src/lib/queue.ts", 'import type { Scope } from "../model/scope.ts";'],
    ["a model reads the store", "src/model/ecs/rules.ts", 'import { Store } from "../../store/store.ts";'],
    ["the store calls a service", "src/store/x.ts", 'import { run } from "../services/ecs/run-task.ts";'],
    [
      "a handler touches containers",
      "src/services/ecs/run-task.ts",
      'import { createDockerRuntime } from "../../runtime/docker/docker-runtime.ts";',
    ],
    [
      "a service imports another service",
      "src/services/ecs/create-service.ts",
      'import { requireGroup } from "../elbv2/resolve.ts";',
    ],
    [
      "the gateway knows a resource",
      "src/gateway/route.ts",
      'import { vpcs } from "../store/tables/ec2.ts";',
    ],
    [
      "the gateway loads a handler dynamically",
      "src/gateway/route.ts",
      'const it = await import("../services/ecs/run-task.ts");',
    ],
    ["the runtime sees the network", "src/runtime/docker/x.ts", 'import "../../fabric/fabric.ts";'],
    [
      "the network sees records",
      "src/fabric/links/x.ts",
      'import type { Vpc } from "../../model/ec2/records.ts";',
    ],
    [
      "a reconciler takes an adapter instead of its port",
      "src/reconcile/task/x.ts",
      'import { DockerRuntime } from "../../runtime/docker/docker-runtime.ts";',
    ],
    [
      "a reconciler imports another",
      "src/reconcile/service/x.ts",
      'import { planTask } from "../task/plan-task.ts";',
    ],
    ["a part imports the composition root", "src/admin/x.ts", 'import { startBerth } from "../main.ts";'],
    ["a second place opens databases", "src/store/x.ts", 'import { DatabaseSync } from "node:sqlite";'],
    ["Docker outside its adapter", "src/reconcile/task/x.ts", 'import Docker from "dockerode";'],
    ["a handler starts a process", "src/services/ecs/x.ts", 'import { spawn } from "node:child_process";'],
    [
      "a reconciler sleeps by itself",
      "src/reconcile/dns/x.ts",
      'import { setTimeout } from "node:timers/promises";',
    ],
    ["the network knows an AWS API", "src/fabric/x.ts", 'import type * as ec2 from "@aws-sdk/client-ec2";'],
    ["a service decodes the wire", "src/services/ecs/x.ts", 'import { x } from "@smithy/core/schema";'],
    ["a server part reads the command line", "src/main.ts", 'import { Command } from "commander";'],
  ];
  for (const [title, path, text] of fixtures) {
    it(`is broken when ${title}`, () => {
      assert.equal(violationsOf({ path, text }).length, 1);
    });
  }

  it("is not broken by text that only looks like an import", () => {
    const text = '// from "../model/x.ts"\nconst a = "import";\nconst b = `from "../store/x.ts"`;\n';
    assert.deepEqual(violationsOf({ path: "src/lib/x.ts", text }), []);
  });
});

function sources(): SourceFile[] {
  return readTree(["src"], [".ts"]).filter(({ path }) => !isTestCode(path));
}

interface Violation {
  readonly key: string;
  readonly text: string;
}

function violationsOf(file: SourceFile): Violation[] {
  return importsOf(file).flatMap((imported) => {
    const [target, why] = imported.startsWith(".")
      ? checkOwn(file.path, imported)
      : checkPackage(file.path, imported);
    return why === undefined
      ? []
      : [{ key: `${file.path} → ${target}`, text: `${file.path} → ${target}: ${why}` }];
  });
}

function checkOwn(path: string, imported: string): readonly [target: string, why?: string] {
  const target = join(dirname(path), imported).replace(/^src\//, "");
  const part = path.split("/")[1] ?? "";
  if (part === "main.ts" || target === "package.json") return [target];
  const targetPart = target.split("/")[0] ?? "";
  if (targetPart !== part) {
    const allowed = (ARROWS[part] ?? []).some((place) => isIn(target, place));
    return allowed
      ? [target]
      : [target, `${part} may import ${(ARROWS[part] ?? []).join(", ") || "nothing of ours"}`];
  }
  const own = folderOf(path.replace(/^src\//, ""));
  const other = folderOf(target);
  if (own === undefined || other === undefined || own === other || !SEPARATE_FOLDERS.includes(part))
    return [target];
  return (FOLDER_ARROWS[own] ?? []).includes(other)
    ? [target]
    : [target, `${own} and ${other} do not know each other`];
}

/** `services/ecs`; undefined for a file right in its part. */
function folderOf(path: string): string | undefined {
  const words = path.split("/");
  return words.length > 2 ? words.slice(0, 2).join("/") : undefined;
}

function checkPackage(path: string, imported: string): readonly [target: string, why?: string] {
  const rule = PACKAGES.find(({ name }) => name.test(imported));
  const own = path.replace(/^src\//, "");
  return rule === undefined || rule.places.some((place) => isIn(own, place))
    ? [imported]
    : [imported, rule.why];
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
