/** Installs what the tests need beyond Berth itself: clients to look at it from outside. */
import { setup } from "../src/cli/setup.ts";
import { stateDirectoryOf } from "../src/config.ts";
import { createLog } from "../src/lib/log.ts";
import { ensureEngine } from "../src/runtime/docker/engine.ts";

setup([
  { program: "dig", debianPackage: "bind9-dnsutils" },
  { program: "openssl", debianPackage: "openssl" },
  { program: "mmdebstrap", debianPackage: "mmdebstrap" },
]);
// One engine for all test files; it goes on as the user's own would after `berth up`.
await ensureEngine({
  log: createLog("warn"),
  stateDirectory: stateDirectoryOf(undefined, process.env),
  dockerHost: process.env["DOCKER_HOST"],
  path: process.env["PATH"],
});
