/** The first article's steps by unmodified Terraform, one after the other on one Berth. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DiscoverInstancesCommand } from "@aws-sdk/client-servicediscovery";
import {
  assertBridgeAddresses,
  assertRefusedForInterfaces,
  assertUnknownUpstream,
  describeService,
  interfaceCounts,
  listInstances,
  pushDjangoImages,
  requireOneInstance,
  untilFacts,
  untilPage,
  untilRunning,
  untilTasksAnswer,
} from "./django-setup.ts";
import { run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { startTerraform, type Terraform, terraformMissing } from "./terraform.ts";

const SOURCE = new URL("../../examples/django-bridge/terraform", import.meta.url).pathname;
const MINUTE = 60_000;

describe("django-bridge by Terraform", { skip: terraformMissing(), timeout: 30 * MINUTE }, () => {
  let berth: TestBerth;
  let terraform: Terraform;
  let url: string;

  before(async () => {
    berth = await startTestBerth();
    await pushDjangoImages(berth);
    terraform = await startTerraform(SOURCE, join(berth.stateDirectory, "tf"), berth.endpoint);
  });

  after(() => berth?.down());

  test("1: bridge with gunicorn's address: the page comes through the balancer", async () => {
    await terraform.apply("step=1");
    url = String(await terraform.output("url"));
    await untilRunning(berth, 1);
    const facts = await untilFacts(berth, url);
    assert.equal(facts.addresses, "172.17.0.3");
    assert.equal(facts["asked by"], "172.17.0.2");
    assert.match(await untilPage(berth, url, "/"), /Django behind nginx/);
    assert.match(await untilPage(berth, url, "/static/style.css"), /font-weight: bold/);
    await assertBridgeAddresses(berth);
    await terraform.planNothing("step=1");
  });

  test("1: the balancer comes in by a dynamic port of the instance", async () => {
    const { InstanceId } = await requireOneInstance(berth);
    const { TargetGroups } = await berth.elb.send(
      new DescribeTargetGroupsCommand({ Names: ["ecs-django-instance"] }),
    );
    const { TargetHealthDescriptions } = await berth.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }),
    );
    const [target] = TargetHealthDescriptions ?? [];
    assert.equal(target?.Target?.Id, InstanceId);
    assert((target?.Target?.Port ?? 0) >= 32768, `port ${target?.Target?.Port}`);
  });

  test("1b: by name nginx finds no upstream, and the task stops", async () => {
    await terraform.apply("step=1b");
    await assertUnknownUpstream(berth);
    assert.equal((await describeService(berth)).runningCount, 0);
  });

  test("2: awsvpc and localhost: the task has an address of its own", async () => {
    await terraform.apply("step=2");
    // Until then a task of the step before may be the one that runs, for a moment.
    const [address] = await untilTasksAnswer(berth, url, 1);
    const facts = await untilFacts(berth, url);
    assert.equal(facts.addresses, address);
    assert.match(facts.addresses, /^10\.1\.1\.\d+$/);
    assert.equal(facts["asked by"], "127.0.0.1");
    assert.deepEqual(await interfaceCounts(berth), ["t2.micro: 2"]);
    await terraform.planNothing("step=2");
  });

  test("3: a t2.micro has no interface for a second task", async () => {
    await terraform.apply("step=3");
    await assertRefusedForInterfaces(berth);
    assert.deepEqual(await interfaceCounts(berth), ["t2.micro: 2"]);
    await untilPage(berth, url, "/");
  });

  test("4: on a t2.small both run, and both answer", async () => {
    await terraform.apply("step=4");
    await untilTasksAnswer(berth, url, 2);
    assert.deepEqual(await interfaceCounts(berth), ["t2.small: 3"]);
  });

  test("5: two services: gunicorn scales to three while nginx's one task stays", async () => {
    await terraform.apply("step=5");
    const before = await untilRunning(berth, 1, "ecs-django-nginx-service");
    await untilRunning(berth, 1, "ecs-django-gunicorn-service");
    await untilPage(berth, url, "/");
    await terraform.apply("step=5", "gunicorn_count=3");
    const addresses = await untilTasksAnswer(berth, url, 3, "ecs-django-gunicorn-service");
    const found = await until("Cloud Map has three", 30, async () => {
      const { Instances = [] } = await berth.cloudMap.send(
        new DiscoverInstancesCommand({ NamespaceName: "ecs-django.local", ServiceName: "gunicorn" }),
      );
      return Instances.length === 3 && Instances;
    });
    assert.deepEqual(
      found.map(({ Attributes }) => Attributes?.["AWS_INSTANCE_IPV4"] ?? "").sort(),
      addresses,
    );
    const now = await untilRunning(berth, 1, "ecs-django-nginx-service");
    assert.deepEqual(
      now.map(({ taskArn }) => taskArn),
      before.map(({ taskArn }) => taskArn),
    );
    await terraform.planNothing("step=5", "gunicorn_count=3");
  });

  test("destroy leaves no instance and no container", async () => {
    await terraform.destroy("step=5", "gunicorn_count=3");
    assert.deepEqual(await listInstances(berth), []);
    await until("no container of it is left", 60, async () => {
      const label = `label=berth.installation=${berth.installation}`;
      const { stdout } = await run("docker", ["ps", "-aq", "--filter", label]);
      return stdout.trim() === "";
    });
  });
});
