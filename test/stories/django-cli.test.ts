/** The first article's steps 1 to 4 by the AWS CLI, as a user types them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  assertBridgeAddresses,
  assertRefusedForInterfaces,
  assertUnknownUpstream,
  CLUSTER,
  describeService,
  interfaceCounts,
  LOG_GROUP,
  pushDjangoImages,
  requireOneInstance,
  SERVICE,
  untilFacts,
  untilPage,
  untilRunning,
  untilTasksAnswer,
} from "./django-setup.ts";
import { present, REGION, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { addressOf } from "./tasks.ts";

const IMAGES = `000000000000.dkr.ecr.${REGION}.amazonaws.com`;
const AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";
const ANYWHERE = "0.0.0.0/0";

const skip =
  spawnSync("aws", ["--version"], { stdio: "ignore" }).status === 0
    ? false
    : "AWS CLI (aws) is not installed";

describe("django-bridge by the AWS CLI", { skip, timeout: 20 * 60_000 }, () => {
  let berth: TestBerth;
  let environment: Record<string, string>;
  let home: string;
  let url: string;
  let subnets: string[];
  let listener: string;
  /** Security groups, target groups and roles by name. */
  const ids = new Map<string, string>();

  /** The answer's text, with `--query` and `--output text`. */
  async function aws(line: string, ...more: string[]): Promise<string> {
    const finished = await run("aws", ["--output", "text", ...line.split(/\s+/), ...more], {
      env: environment,
    });
    assert.equal(finished.exitCode, 0, `aws ${line}: ${finished.stderr}`);
    return finished.stdout.trim();
  }

  const id = (name: string) => present(ids.get(name), name);

  before(async () => {
    berth = await startTestBerth();
    home = mkdtempSync("/tmp/bs-home-");
    const { stdout } = await berth.command(["env", "--json", "--region", REGION]);
    environment = {
      ...JSON.parse(stdout),
      AWS_CONFIG_FILE: join(home, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
      AWS_PAGER: "",
    };
    await pushDjangoImages(berth);
    const vpc = await makeNetwork();
    await makeSecurityGroups(vpc);
    await makeBalancer(vpc);
    await makeRoles();
    await aws(`logs create-log-group --log-group-name ${LOG_GROUP}`);
    await aws(`ecs create-cluster --cluster-name ${CLUSTER} --query cluster.status`);
  });

  after(() => {
    berth?.down();
    rmSync(home, { recursive: true, force: true });
  });

  async function makeNetwork(): Promise<string> {
    const vpc = await aws("ec2 create-vpc --cidr-block 10.1.0.0/16 --query Vpc.VpcId");
    const gateway = await aws("ec2 create-internet-gateway --query InternetGateway.InternetGatewayId");
    await aws(`ec2 attach-internet-gateway --vpc-id ${vpc} --internet-gateway-id ${gateway}`);
    const table = await aws(`ec2 create-route-table --vpc-id ${vpc} --query RouteTable.RouteTableId`);
    await aws(
      `ec2 create-route --route-table-id ${table} --destination-cidr-block ${ANYWHERE} --gateway-id ${gateway}`,
    );
    subnets = [];
    for (const [zone, range] of [
      ["a", "10.1.1.0/24"],
      ["c", "10.1.2.0/24"],
    ]) {
      const subnet = await aws(
        `ec2 create-subnet --vpc-id ${vpc} --cidr-block ${range} --availability-zone ${REGION}${zone}
         --query Subnet.SubnetId`,
      );
      await aws(`ec2 modify-subnet-attribute --subnet-id ${subnet} --map-public-ip-on-launch`);
      await aws(`ec2 associate-route-table --route-table-id ${table} --subnet-id ${subnet}`);
      subnets.push(subnet);
    }
    return vpc;
  }

  async function makeSecurityGroups(vpc: string): Promise<void> {
    for (const name of ["balancer", "instance", "task"]) {
      const group = await aws(
        `ec2 create-security-group --vpc-id ${vpc} --group-name ${name} --description ${name} --query GroupId`,
      );
      ids.set(name, group);
    }
    const allow = "ec2 authorize-security-group-ingress --protocol tcp";
    await aws(`${allow} --group-id ${id("balancer")} --port 80 --cidr ${ANYWHERE}`);
    await aws(`${allow} --group-id ${id("instance")} --port 32768-65535 --source-group ${id("balancer")}`);
    await aws(`${allow} --group-id ${id("task")} --port 80 --source-group ${id("balancer")}`);
  }

  async function makeBalancer(vpc: string): Promise<void> {
    const balancer = await aws(
      `elbv2 create-load-balancer --name ecs-django --subnets ${subnets.join(" ")}
       --security-groups ${id("balancer")} --query LoadBalancers[0].LoadBalancerArn`,
    );
    for (const type of ["instance", "ip"]) {
      const group = await aws(
        `elbv2 create-target-group --name ecs-django-${type} --vpc-id ${vpc} --target-type ${type} --protocol HTTP
         --port 80 --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2
         --unhealthy-threshold-count 2 --query TargetGroups[0].TargetGroupArn`,
      );
      await aws(
        `elbv2 modify-target-group-attributes --target-group-arn ${group}
         --attributes Key=deregistration_delay.timeout_seconds,Value=5`,
      );
      ids.set(`targets-${type}`, group);
    }
    listener = await aws(
      `elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80
       --default-actions Type=forward,TargetGroupArn=${id("targets-instance")} --query Listeners[0].ListenerArn`,
    );
    const name = await aws(
      "elbv2 describe-load-balancers --names ecs-django --query LoadBalancers[0].DNSName",
    );
    url = `http://${name}/`;
  }

  async function makeRoles(): Promise<void> {
    for (const [role, service, policy] of [
      ["ecsInstanceRole", "ec2", "AmazonEC2ContainerServiceforEC2Role"],
      ["ecsTaskExecutionRole", "ecs-tasks", "AmazonECSTaskExecutionRolePolicy"],
    ] as const) {
      const trust = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: `${service}.amazonaws.com` },
          },
        ],
      });
      const arn = await aws(
        `iam create-role --role-name ${role} --query Role.Arn`,
        "--assume-role-policy-document",
        trust,
      );
      ids.set(role, arn);
      await aws(
        `iam attach-role-policy --role-name ${role} --policy-arn arn:aws:iam::aws:policy/service-role/${policy}`,
      );
    }
    await aws("iam create-instance-profile --instance-profile-name ecsInstanceRole");
    await aws(
      "iam add-role-to-instance-profile --instance-profile-name ecsInstanceRole --role-name ecsInstanceRole",
    );
  }

  /** Registered with the cluster when this returns. */
  async function launch(type: string): Promise<string> {
    const ami = await aws(`ssm get-parameters --names ${AMI} --query Parameters[0].Value`);
    assert.match(ami, /^ami-[0-9a-f]{17}$/);
    const instance = await aws(
      `ec2 run-instances --image-id ${ami} --instance-type ${type} --subnet-id ${subnets[0]}
       --security-group-ids ${id("instance")} --iam-instance-profile Name=ecsInstanceRole
       --tag-specifications ResourceType=instance,Tags=[{Key=Name,Value=ecs-django}]
       --query Instances[0].InstanceId`,
      "--user-data",
      `#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\n`,
    );
    await until(`${instance} is registered`, 120, async () => {
      const found = await aws(
        `ecs list-container-instances --cluster ${CLUSTER} --query length(containerInstanceArns)`,
        "--filter",
        `ec2InstanceId in ['${instance}']`,
      );
      return found === "1";
    });
    return instance;
  }

  /** Returns the ARN of the task definition. */
  function register(network: "bridge" | "awsvpc", tag: string): Promise<string> {
    const logConfiguration = {
      logDriver: "awslogs",
      options: {
        "awslogs-group": LOG_GROUP,
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs",
      },
    };
    const containers = [
      {
        name: "nginx",
        image: `${IMAGES}/ecs-django-nginx:${tag}`,
        memory: 128,
        portMappings: [{ containerPort: 80, hostPort: network === "bridge" ? 0 : 80 }],
        logConfiguration,
      },
      {
        name: "gunicorn",
        image: `${IMAGES}/ecs-django-gunicorn:latest`,
        memory: 256,
        dependsOn: [{ containerName: "nginx", condition: "START" }],
        logConfiguration,
      },
    ];
    return aws(
      `ecs register-task-definition --family ecs-django --network-mode ${network} --requires-compatibilities EC2
       --execution-role-arn ${id("ecsTaskExecutionRole")} --query taskDefinition.taskDefinitionArn`,
      "--container-definitions",
      JSON.stringify(containers),
    );
  }

  function createService(definition: string, targets: "instance" | "ip"): Promise<string> {
    const network =
      targets === "ip"
        ? `--network-configuration awsvpcConfiguration={subnets=[${subnets[0]}],securityGroups=[${id("task")}]}`
        : "";
    return aws(
      `ecs create-service --cluster ${CLUSTER} --service-name ${SERVICE} --task-definition ${definition}
       --desired-count 1 --launch-type EC2
       --deployment-configuration minimumHealthyPercent=0,maximumPercent=100
       --load-balancers targetGroupArn=${id(`targets-${targets}`)},containerName=nginx,containerPort=80
       --query service.status ${network}`.trim(),
    );
  }

  test("1: bridge: the page comes through the balancer, nginx is at .2 and gunicorn at .3", async () => {
    await launch("t2.micro");
    await createService(await register("bridge", "bridge"), "instance");
    await untilRunning(berth, 1);
    assert.equal((await untilFacts(berth, url)).addresses, "172.17.0.3");
    await assertBridgeAddresses(berth);
  });

  test("1b: bridge and the name gunicorn: nginx finds no upstream, and the task stops", async () => {
    const definition = await register("bridge", "name");
    await aws(
      `ecs update-service --cluster ${CLUSTER} --service ${SERVICE} --task-definition ${definition}
       --query service.status`,
    );
    await assertUnknownUpstream(berth, definition);
  });

  test("2: awsvpc and localhost: the page comes from the task's own address", async () => {
    await aws(`ecs delete-service --cluster ${CLUSTER} --service ${SERVICE} --force --query service.status`);
    await until("the service is gone", 120, async () => (await describeService(berth)).status === "INACTIVE");
    await aws(
      `elbv2 modify-listener --listener-arn ${listener}
       --default-actions Type=forward,TargetGroupArn=${id("targets-ip")}`,
    );
    await createService(await register("awsvpc", "awsvpc"), "ip");
    const [task] = await untilRunning(berth, 1);
    assert(task);
    assert.equal((await untilFacts(berth, url)).addresses, addressOf(task));
    assert.deepEqual(await interfaceCounts(berth), ["t2.micro: 2"]);
  });

  test("3: two tasks on a t2.micro: the second is refused with RESOURCE:ENI", async () => {
    await aws(
      `ecs update-service --cluster ${CLUSTER} --service ${SERVICE} --desired-count 2 --query service.status`,
    );
    await assertRefusedForInterfaces(berth);
    const { InstanceId } = await requireOneInstance(berth);
    const reason = await aws(
      `ecs run-task --cluster ${CLUSTER} --task-definition ecs-django --launch-type EC2
       --network-configuration awsvpcConfiguration={subnets=[${subnets[0]}],securityGroups=[${id("task")}]}
       --query failures[0].reason`,
    );
    assert.equal(reason, "RESOURCE:ENI", `on ${InstanceId}`);
    await untilPage(berth, url, "/");
  });

  test("4: on a t2.small both tasks run and answer", async () => {
    const { InstanceId: small } = await requireOneInstance(berth);
    await launch("t2.small");
    await aws(`ec2 terminate-instances --instance-ids ${small}`);
    await aws(`ec2 wait instance-terminated --instance-ids ${small}`);
    await untilTasksAnswer(berth, url, 2);
    assert.deepEqual(await interfaceCounts(berth), ["t2.small: 3"]);
  });
});
