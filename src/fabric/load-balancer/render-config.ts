/** The whole configuration of one node's HAProxy, as text, and the files that it names. */
import { createHash } from "node:crypto";
import { assert } from "../../lib/assert.ts";
import type { LoadBalancerNodeConfig } from "../config.ts";
import {
  CONNECT_TIMEOUT_MS,
  NO_CONNECTION_PAGE,
  renderErrorFiles,
  WHOLE_ANSWERS,
  wholeAnswerFile,
} from "./error-files.ts";
import { HEADER_NAMES_FILE, renderHeaderNames } from "./header-names.ts";
import { quote } from "./quote.ts";
import { renderBackend } from "./render-backend.ts";
import { bodyFile, certificateFile, renderListener } from "./render-listener.ts";

export interface RenderOptions {
  /** Where the node's files are: absolute. */
  readonly directory: string;
  /** The user that serves traffic; absent: the one that starts HAProxy. */
  readonly user?: string | undefined;
}

/** Below the node's directory; short, because a socket's path has 107 bytes at most. */
export const ADMIN_SOCKET = "a";
export const STATE_FILE = "servers.state";
/** The running HAProxy tells by this variable which structure it serves. */
export const STRUCTURE_VARIABLE = "BERTH_STRUCTURE";

/** How long connections of before a reload may go on. An open WebSocket should survive a change of rules. */
const OLD_WORKER_SECONDS = 3600;

/**
 * The configuration with the targets as servers. A change that touches targets alone never needs this: servers come
 * and go through the runtime API.
 */
export function renderHaproxyConfig(config: LoadBalancerNodeConfig, options: RenderOptions): string {
  return renderWith(config, options, structureOf(config, options));
}

/** Tells configurations apart that need a reload: all but the targets, and what the named files hold. */
export function structureOf(config: LoadBalancerNodeConfig, options: RenderOptions): string {
  const backends = config.backends.map((backend) => ({
    ...backend,
    // Servers are part of the backend's structure: how they are checked is written on each.
    targets: [{ address: "192.0.2.1", port: 1, draining: false }],
  }));
  const text = renderWith({ ...config, backends }, options, "");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Every file that the configuration names, by path below the node's directory. */
export function renderNodeFiles(config: LoadBalancerNodeConfig): ReadonlyMap<string, string> {
  const files = new Map(renderErrorFiles());
  files.set(HEADER_NAMES_FILE, renderHeaderNames());
  for (const listener of config.listeners) {
    for (const { pem } of listener.certificates) files.set(certificateFile(pem), pem);
    for (const { action } of listener.rules) {
      if (action.kind === "fixed-response" && action.body !== "")
        files.set(bodyFile(action.body), action.body);
    }
  }
  return files;
}

function renderWith(config: LoadBalancerNodeConfig, options: RenderOptions, structure: string): string {
  for (const { backendId } of config.backends) {
    assert(/^[A-Za-z0-9._:-]+$/.test(backendId), `a backend's id can be a name in HAProxy: ${backendId}`);
  }
  const sections = [
    renderGlobal(options, structure),
    renderDefaults(config, options.directory),
    ...config.listeners.map((listener) => renderListener(listener, config, options.directory)),
    ...config.backends.map(renderBackend),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function renderGlobal({ directory, user }: RenderOptions, structure: string): string[] {
  return [
    "global",
    "  nbthread 1",
    "  maxconn 8000",
    ...(user === undefined ? [] : [`  user ${user}`]),
    `  stats socket ${quote(`${directory}/${ADMIN_SOCKET}`)} mode 600 level admin expose-fd listeners`,
    "  stats timeout 10s",
    `  server-state-file ${quote(`${directory}/${STATE_FILE}`)}`,
    `  setenv ${STRUCTURE_VARIABLE} ${quote(structure)}`,
    `  hard-stop-after ${OLD_WORKER_SECONDS}s`,
    "  mworker-max-reloads 50",
    // A new target is probed at once, whatever the interval.
    "  max-spread-checks 200",
    "  ssl-server-verify none",
    // Request line and headers of 64 KB are allowed.
    "  tune.bufsize 73728",
    "  tune.maxrewrite 8192",
    "  tune.http.maxhdr 1024",
    "  tune.h2.max-concurrent-streams 128",
    // A load balancer's certificates are what they are; the size of a key exchange must be said or HAProxy warns.
    "  tune.ssl.default-dh-param 2048",
    `  h1-case-adjust-file ${quote(`${directory}/${HEADER_NAMES_FILE}`)}`,
  ];
}

function renderDefaults(config: LoadBalancerNodeConfig, directory: string): string[] {
  const idle = `${config.idleTimeoutSeconds}s`;
  return [
    "defaults",
    `  timeout connect ${CONNECT_TIMEOUT_MS}ms`,
    ...["client", "server", "tunnel", "http-request", "http-keep-alive"].map(
      (name) => `  timeout ${name} ${idle}`,
    ),
    // Nothing is tried twice: a target may have done what the request asked.
    "  retries 0",
    "  load-server-state-from-file global",
    "  option http-ignore-probes",
    "  option idle-close-on-response",
    "  option h1-case-adjust-bogus-client",
    "  option h1-case-adjust-bogus-server",
    ...WHOLE_ANSWERS.map(
      (status) => `  errorfile ${status} ${quote(`${directory}/${wholeAnswerFile(status)}`)}`,
    ),
    `  http-error status 503 content-type text/html lf-file ${quote(`${directory}/${NO_CONNECTION_PAGE}`)}`,
  ];
}
