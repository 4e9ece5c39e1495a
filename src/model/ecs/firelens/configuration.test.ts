import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { type RouterTask, routerConfiguration } from "./configuration.ts";

const APP: wire.ContainerDefinition = {
  name: "app",
  logConfiguration: {
    logDriver: "awsfirelens",
    options: {
      Name: "cloudwatch_logs",
      region: "ap-northeast-1",
      log_group_name: "/app",
      "include-pattern": "^keep",
      "exclude-pattern": "^drop",
      "log-driver-buffer-limit": "2097152",
    },
    secretOptions: [{ name: "Api_Key", valueFrom: "key" }],
  },
};

function textOf(
  type: wire.FirelensConfigurationType,
  options: Record<string, string>,
  more: Partial<RouterTask> = {},
): string {
  const router: wire.ContainerDefinition = { name: "router", firelensConfiguration: { type, options } };
  const written = routerConfiguration({
    router,
    containers: [router, APP],
    networkMode: "bridge",
    clusterName: "main",
    taskArn: "arn:aws:ecs:ap-northeast-1:000000000000:task/main/0123",
    taskDefinition: "web:7",
    instanceId: "i-0abc",
    memoryMib: 100,
    ...more,
  });
  assert.ok(written.ok);
  return written.value;
}

const FLUENT_BIT = `
[INPUT]
    Name forward
    Mem_Buf_Limit 50MB
    unix_path /var/run/fluent.sock

[INPUT]
    Name forward
    Listen 0.0.0.0
    Port 24224

[INPUT]
    Name tcp
    Tag firelens-healthcheck
    Listen 127.0.0.1
    Port 8877

[FILTER]
    Name   grep
    Match app-firelens*
    Regex  log ^keep

[FILTER]
    Name   grep
    Match app-firelens*
    Exclude log ^drop

[FILTER]
    Name record_modifier
    Match *
    Record ec2_instance_id i-0abc
    Record ecs_cluster main
    Record ecs_task_arn arn:aws:ecs:ap-northeast-1:000000000000:task/main/0123
    Record ecs_task_definition web:7

@INCLUDE /extra.conf

[OUTPUT]
    Name null
    Match firelens-healthcheck

[OUTPUT]
    Name cloudwatch_logs
    Match app-firelens*
    Api_Key \${Api_Key_1}
    log_group_name /app
    region ap-northeast-1
`;

test("Fluent Bit's file has inputs, filters, the user's file and outputs in the agent's form", () => {
  assert.equal(
    textOf("fluentbit", { "config-file-type": "file", "config-file-value": "/extra.conf" }),
    FLUENT_BIT,
  );
});

test("under awsvpc only the task itself is listened to; without an instance there is no id of one", () => {
  const text = textOf(
    "fluentbit",
    { "config-file-type": "file", "config-file-value": "/extra.conf" },
    { networkMode: "awsvpc", instanceId: undefined },
  );
  assert.equal(
    text,
    FLUENT_BIT.replace("Listen 0.0.0.0", "Listen 127.0.0.1").replace(
      "    Record ec2_instance_id i-0abc\n",
      "",
    ),
  );
});

test("under host there is the socket alone; half of no memory is 25 MB", () => {
  assert.equal(
    textOf(
      "fluentbit",
      { "enable-ecs-log-metadata": "false" },
      { networkMode: "host", memoryMib: undefined, containers: [] },
    ),
    "\n[INPUT]\n    Name forward\n    Mem_Buf_Limit 25MB\n    unix_path /var/run/fluent.sock\n",
  );
});

test("Fluentd's file has no health check, and its own form of a variable", () => {
  const fluentd: wire.ContainerDefinition = {
    name: "app",
    logConfiguration: {
      ...APP.logConfiguration,
      logDriver: "awsfirelens",
      options: {
        "@type": "http",
        endpoint: "http://logs",
        "include-pattern": "^keep",
        "exclude-pattern": "^drop",
      },
    },
  };
  assert.equal(
    textOf(
      "fluentd",
      { "config-file-type": "file", "config-file-value": "/extra.conf" },
      { containers: [fluentd], networkMode: "awsvpc" },
    ),
    `
<source>
    @type unix
    path /var/run/fluent.sock
</source>

<source>
    @type forward
    bind 127.0.0.1
    port 24224
</source>

<filter app-firelens**>
    @type  grep
    <regexp>
        key log
        pattern ^keep
    </regexp>
</filter>

<filter app-firelens**>
    @type  grep
    <exclude>
        key log
        pattern ^drop
    </exclude>
</filter>

<filter **>
    @type record_transformer
    <record>
        ec2_instance_id i-0abc
        ecs_cluster main
        ecs_task_arn arn:aws:ecs:ap-northeast-1:000000000000:task/main/0123
        ecs_task_definition web:7
    </record>
</filter>

@include /extra.conf

<match app-firelens**>
    @type http
    Api_Key "#{ENV['Api_Key_0']}"
    endpoint http://logs
</match>
`,
  );
});

test("a container without options has no output: the user's file may have one", () => {
  const app = { name: "app", logConfiguration: { logDriver: "awsfirelens" } } as const;
  assert.doesNotMatch(textOf("fluentbit", {}, { containers: [app] }), /app-firelens/);
});

test("options for no plugin are the agent's error", () => {
  const app = {
    name: "app",
    logConfiguration: { logDriver: "awsfirelens", options: { region: "a" } },
  } as const;
  const fault = (type: wire.FirelensConfigurationType) =>
    routerConfiguration({
      router: { firelensConfiguration: { type } },
      containers: [app],
      networkMode: "bridge",
      clusterName: "",
      taskArn: "",
      taskDefinition: "",
    });
  const reason = (key: string, type: string) => ({
    ok: false,
    failure: `unable to generate firelens config file: unable to generate firelens config: unable to apply log options of container app to firelens config: missing output key ${key} which is required for firelens configuration of type ${type}`,
  });
  assert.deepEqual(fault("fluentbit"), reason("Name", "fluentbit"));
  assert.deepEqual(fault("fluentd"), reason("@type", "fluentd"));
});

test("a word that is no truth value adds no metadata", () => {
  for (const [word, expected] of [
    ["true", true],
    ["1", true],
    ["false", false],
    ["yes", false],
  ] as const) {
    assert.equal(
      textOf("fluentbit", { "enable-ecs-log-metadata": word }).includes("record_modifier"),
      expected,
      word,
    );
  }
});
