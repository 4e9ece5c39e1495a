/**
 * The article's system by unmodified Terraform: applied, planned again without changes, really answering, scaled,
 * destroyed, and then nothing of it left on the machine.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildDemoImages, DEMO_IMAGES, pushDemoImages } from "../../src/cli/demo/images.ts";
import { findProgram } from "../../src/cli/doctor.ts";
import { installationOf } from "../../src/config.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PORT = 4698;
const REGION = "ap-northeast-1";

/** A folder that `terraform init -plugin-dir` takes, for machines that do not reach Terraform's registry. */
function findPluginFolder(): string | undefined {
  const given = process.env["BERTH_TERRAFORM_PLUGIN_DIR"];
  if (given) return given;
  const found = spawnSync(
    "find",
    [
      "/opt",
      "/usr/share",
      "/usr/local",
      "-maxdepth",
      "6",
      "-type",
      "d",
      "-path",
      "*registry.terraform.io/hashicorp/aws",
    ],
    { encoding: "utf8" },
  ).stdout.split("\n")[0];
  return found ? found.replace(/\/registry\.terraform\.io\/hashicorp\/aws$/, "") : undefined;
}

const terraform = findProgram("terraform");
const plugins = findPluginFolder();
const skip =
  terraform === undefined
    ? "terraform is not installed"
    : plugins === undefined
      ? "no folder with the AWS provider (BERTH_TERRAFORM_PLUGIN_DIR)"
      : false;

describe("ecs-navi by Terraform", { skip }, () => {
  const state = mkdtempSync(join(tmpdir(), "bs-"));
  const work = join(state, "tf");
  const installation = installationOf(state);
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${PORT}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
    TF_IN_AUTOMATION: "1",
    TF_CLI_CONFIG_FILE: "/dev/null",
  };
  const berth = (...parameters: string[]) => {
    const [command = "", ...rest] = parameters;
    const result = spawnSync(join(ROOT, "berth"), [command, "--state-dir", state, ...rest], {
      encoding: "utf8",
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
  };
  const tf = (...parameters: string[]) => {
    const result = spawnSync("terraform", [`-chdir=${work}`, ...parameters, "-no-color"], {
      encoding: "utf8",
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 600_000,
    });
    return { code: result.status, text: `${result.stdout}\n${result.stderr}` };
  };
  const docker = (...parameters: string[]) =>
    spawnSync("docker", parameters, { encoding: "utf8" }).stdout.trim();
  const proxyContainer = () =>
    docker(
      "ps",
      "-q",
      "--filter",
      `label=berth.installation=${installation}`,
      "--filter",
      "name=nginx-proxy-task",
    );
  const untilAsync = async (what: string, seconds: number, check: () => boolean | Promise<boolean>) => {
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline) {
      if (await check()) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.fail(`waited ${seconds} s in vain until ${what}`);
  };

  before(async () => {
    await buildDemoImages(join(ROOT, "examples/ecs-navi/images"));
    const up = berth("up", "--detach", "--port", String(PORT), "--public-pool", "198.19.200.0/24");
    assert.equal(up.code, 0, up.err);
    const { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } = await import(
      "@aws-sdk/client-ecr"
    );
    const ecr = new ECRClient({
      endpoint: environment.AWS_ENDPOINT_URL,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const uris = new Map<string, string>();
    for (const { repository: repositoryName } of DEMO_IMAGES) {
      const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
      uris.set(repositoryName, repository?.repositoryUri ?? "");
    }
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand());
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
    pushDemoImages(
      join(ROOT, "examples/ecs-navi/images"),
      `127.0.0.1:${PORT}`,
      uris,
      token.slice("AWS:".length),
    );
    cpSync(join(ROOT, "examples/ecs-navi/terraform"), work, { recursive: true });
    const init = tf("init", "-input=false", `-plugin-dir=${plugins}`);
    assert.equal(init.code, 0, init.text);
  });

  after(() => {
    const down = berth("down", "--public-pool", "198.19.200.0/24");
    for (const image of docker("images", "-q", "--filter", `reference=127.0.0.1:${PORT}/*/*`).split("\n")) {
      if (image !== "") docker("rmi", "--force", image);
    }
    rmSync(state, { recursive: true, force: true });
    assert.equal(down.code, 0, down.err);
  });

  test("apply makes it", () => {
    const { code, text } = tf("apply", "-input=false", "-auto-approve");
    assert.equal(code, 0, text.slice(-4000));
  });

  test("a second plan finds nothing to change", () => {
    const { code, text } = tf("plan", "-input=false", "-detailed-exitcode");
    assert.equal(code, 0, text.slice(-6000));
  });

  test("both host names answer over HTTPS with the backend's phpinfo page", async () => {
    for (const host of ["ecs-navi.site", "api.ecs-navi.site"]) {
      await untilAsync(`https://${host}/ answers`, 30, () =>
        /phpinfo/.test(berth("curl", "-s", `https://${host}/`).out),
      );
    }
    const other = berth(
      "curl",
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      "Host: other.example",
      "https://ecs-navi.site/",
    );
    assert.equal(other.out, "404");
  });

  test("backend.ecs-navi.local resolves in the proxy, and to three addresses when the backend is scaled", async () => {
    const addresses = () =>
      [
        ...docker("exec", proxyContainer(), "nslookup", "backend.ecs-navi.local")
          .split("Name:")
          .slice(1)
          .join("")
          .matchAll(/Address[^:]*:\s+(10\.0\.\d+\.\d+)/g),
      ].map((match) => match[1]);
    assert.equal(addresses().length, 1);
    const { code, text } = tf("apply", "-input=false", "-auto-approve", "-var=backend_count=3");
    assert.equal(code, 0, text.slice(-4000));
    await untilAsync("three addresses answer", 30, () => new Set(addresses()).size === 3);
  });

  test("destroy is clean and leaves no container, namespace, proxy or route of it", async () => {
    const { code, text } = tf("destroy", "-input=false", "-auto-approve");
    assert.equal(code, 0, text.slice(-4000));
    await untilAsync("everything of it is gone", 30, () => {
      const containers = docker("ps", "-aq", "--filter", `label=berth.installation=${installation}`);
      const namespaces = existsSync("/run/netns")
        ? readdirSync("/run/netns").filter((name) => name.startsWith(`berth-${installation}-`))
        : [];
      const proxies = spawnSync("pgrep", ["-f", join(state, "lb")], { encoding: "utf8" }).stdout.trim();
      return containers === "" && proxies === "" && namespaces.every((name) => name.endsWith("-internet"));
    });
  });
});
