/** `berth demo django-bridge`: the article's steps one after the other; each says what it does, and shows what came. */
import { createInterface } from "node:readline/promises";
import type { Config } from "../../config.ts";
import { print } from "../output.ts";
import type { DemoFlags } from "./demo.ts";
import { DJANGO_IMAGES } from "./django-images.ts";
import { DjangoView, GUNICORN_SERVICE, NGINX_SERVICE, SERVICE } from "./django-view.ts";
import {
  type AwsEnvironment,
  applySdk,
  applyTerraform,
  clientSettings,
  inStep,
  prepare,
} from "./environment.ts";

const EXAMPLE = "django-bridge";

interface Chapter {
  readonly step: string;
  readonly title: string;
  readonly why: string;
  show(view: DjangoView, scaleGunicorn: (count: number) => Promise<void>): Promise<void>;
}

const CHAPTERS: readonly Chapter[] = [
  {
    step: "1",
    title: "network mode bridge, gunicorn by its address",
    why: `Both containers are on Docker's default network inside the instance. nginx starts first and gets 172.17.0.2,
gunicorn gets 172.17.0.3, and that address is in nginx's configuration. The load balancer comes in by a port of the
instance that Docker chose.`,
    async show(view) {
      await view.untilRunning(SERVICE, 1);
      await view.showBridge();
      await view.showPage();
      await view.showStaticFile();
    },
  },
  {
    step: "1b",
    title: "the same, gunicorn by its name (fails)",
    why: `With docker compose the name works: compose makes a network, and Docker answers for names on networks that were
made. On the default network, which ECS uses, it does not. nginx cannot start; it is an essential container, so the
whole task stops, and the service tries again.`,
    async show(view) {
      await view.showStoppedTask();
    },
  },
  {
    step: "2",
    title: "network mode awsvpc, gunicorn at localhost",
    why: `The task gets a network interface of its own. Its containers share it, and so they share localhost. The balancer
comes in at port 80 of the task's own address, and the task has a security group of its own.`,
    async show(view) {
      await view.untilRunning(SERVICE, 1);
      await view.showInterfaces();
      await view.showPage();
    },
  },
  {
    step: "3",
    title: "two tasks on a t2.micro (one is refused)",
    why: `A t2.micro takes two network interfaces. One is the instance's own, so one task fits.`,
    async show(view) {
      await view.showEvent(/RESOURCE:ENI/);
      await view.showCounts(SERVICE);
      await view.showInterfaces();
    },
  },
  {
    step: "4",
    title: "two tasks on a t2.small",
    why: `A t2.small takes three interfaces: two tasks fit. A container instance cannot change its type, so it is a new
instance, and the tasks move.`,
    async show(view) {
      await view.untilRunning(SERVICE, 2);
      await view.showCounts(SERVICE);
      await view.showInterfaces();
      await view.showHosts(2);
    },
  },
  {
    step: "5",
    title: "two services that scale by themselves",
    why: `In one task nginx and gunicorn scale together only. As two services each has its own count. Cloud Map keeps the
name gunicorn.ecs-django.local for the addresses of gunicorn's tasks, and nginx asks for it again every ten seconds.`,
    async show(view, scaleGunicorn) {
      await view.untilRunning(NGINX_SERVICE, 1);
      await view.untilRunning(GUNICORN_SERVICE, 1);
      await view.showPage();
      print("\n-- gunicorn scaled to 3, nginx stays at 1");
      await scaleGunicorn(3);
      await view.untilRunning(GUNICORN_SERVICE, 3);
      await view.showCounts(NGINX_SERVICE);
      await view.showCounts(GUNICORN_SERVICE);
      await view.showHosts(3);
    },
  },
];

export async function djangoDemo(flags: DemoFlags): Promise<void> {
  const steps = 4 + CHAPTERS.length;
  const { config, environment } = await prepare(flags, DJANGO_IMAGES, steps);
  const view = new DjangoView(config, clientSettings(environment));
  for (const [index, chapter] of CHAPTERS.entries()) {
    if (flags.step) await untilKey(`step ${chapter.step}: ${chapter.title}`);
    print(`\n== Step ${chapter.step}: ${chapter.title}\n${chapter.why}`);
    await inStep(`${5 + index}/${steps} step ${chapter.step}`, () =>
      apply(flags, chapter.step, 1, config, environment),
    );
    await chapter.show(view, (count) => apply(flags, chapter.step, count, config, environment));
  }
  print(`
== It goes on running. How to go on
try           eval "$(./berth env --region ap-northeast-1)"; ./berth status
              aws ecs update-service --cluster ecs-django-cluster --service ${GUNICORN_SERVICE} --desired-count 2
read          examples/django-bridge/README.md
stop          ./berth down`);
}

/** `gunicornCount` matters in step 5 only. */
function apply(
  flags: DemoFlags,
  step: string,
  gunicornCount: number,
  config: Config,
  environment: AwsEnvironment,
): Promise<void> {
  if (flags.terraform) {
    return applyTerraform(EXAMPLE, [`step=${step}`, `gunicorn_count=${gunicornCount}`], config, environment);
  }
  const parameters = gunicornCount === 1 ? ["--step", step] : ["--gunicorn-count", String(gunicornCount)];
  return applySdk(EXAMPLE, parameters, environment);
}

async function untilKey(next: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    await terminal.question(`\nNext is ${next}. Press Enter. `);
  } finally {
    terminal.close();
  }
}
