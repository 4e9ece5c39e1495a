/** A listener as an HAProxy frontend. */
import { createHash } from "node:crypto";
import { unreachable } from "../../lib/assert.ts";
import type {
  LoadBalancerNodeConfig,
  ProxyAction,
  ProxyListener,
  ProxyRequestHeaders,
  ProxyRule,
} from "../config.ts";
import { CONNECT_TIMEOUTS_PASSED, pageFile, REASONS, SERVER_HEADER } from "./error-files.ts";
import { literalFormat, quote } from "./quote.ts";
import { HOST_NAME, renderCondition } from "./render-conditions.ts";

const DEFAULT_REQUEST_HEADERS: ProxyRequestHeaders = {
  forwardedFor: "append",
  forwardedForWithPort: false,
  preserveHost: false,
  dropInvalid: false,
  tlsVersionAndCipher: false,
};

/** More addresses than this in X-Forwarded-For are refused with 463. */
const MOST_FORWARDED_ADDRESSES = 30;

/** `txn.origin` tells who made an answer: unset means HAProxy itself, because something failed. */
const BY_TARGET = "{ var(txn.origin) -m str target }";

export function renderListener(
  listener: ProxyListener,
  node: LoadBalancerNodeConfig,
  directory: string,
): string[] {
  const lines = [`frontend listener-${listener.port}`, `  ${renderBind(listener, node, directory)}`];
  if (listener.protocol === "TCP") {
    return [...lines, "  mode tcp", ...renderTcpForward(listener.rules)];
  }
  return [
    ...lines,
    "  mode http",
    ...renderAnswerHeaders(),
    "  http-request set-var(txn.started) date(0,ms)",
    ...answer(
      "{ method -m str TRACE }",
      `status 405 content-type text/html file ${quote(`${directory}/${pageFile(405)}`)}`,
    ),
    ...renderRuleChoice(listener.rules),
    ...listener.rules.flatMap((rule, index) => renderAction(rule.action, index + 1, listener, directory)),
    ...renderNoTargets(directory),
    ...renderRequestHeaders(listener, node.requestHeaders ?? DEFAULT_REQUEST_HEADERS),
    "  use_backend %[var(txn.backend)]",
  ];
}

function renderBind(listener: ProxyListener, node: LoadBalancerNodeConfig, directory: string): string {
  const socket = `bind ${node.address}:${listener.port}`;
  if (listener.certificates.length === 0) {
    // Without `proto h1` HAProxy would also take HTTP/2 in clear text, which AWS does not.
    return listener.protocol === "TCP" ? socket : `${socket} proto h1`;
  }
  const words = [socket, "ssl"];
  for (const { pem } of listener.certificates)
    words.push("crt", quote(`${directory}/${certificateFile(pem)}`));
  if (listener.tlsVersions !== undefined) {
    words.push("ssl-min-ver", tlsVersion(listener.tlsVersions.minimum));
    words.push("ssl-max-ver", tlsVersion(listener.tlsVersions.maximum));
  }
  words.push(...renderCiphers(listener));
  if (listener.protocol === "HTTPS") words.push("alpn", node.http2 ? "h2,http/1.1" : "http/1.1");
  return words.join(" ");
}

/** OpenSSL 3 does TLS 1.0 and 1.1 at security level 0 only. */
function renderCiphers(listener: ProxyListener): string[] {
  const ciphers = listener.tlsCiphers ?? [];
  const suites = ciphers.filter((cipher) => cipher.startsWith("TLS_"));
  const older = ciphers.filter((cipher) => !cipher.startsWith("TLS_"));
  const weak = listener.tlsVersions?.minimum === "TLSv1" || listener.tlsVersions?.minimum === "TLSv1.1";
  const level = weak ? ["@SECLEVEL=0"] : [];
  return [
    ...(older.length > 0 || weak
      ? ["ciphers", [...(older.length > 0 ? older : ["DEFAULT"]), ...level].join(":")]
      : []),
    ...(suites.length > 0 ? ["ciphersuites", suites.join(":")] : []),
  ];
}

function tlsVersion(version: string): string {
  return version === "TLSv1" ? "TLSv1.0" : version;
}

export function certificateFile(pem: string): string {
  return `certificates/${contentName(pem)}.pem`;
}

export function bodyFile(body: string): string {
  return `bodies/${contentName(body)}`;
}

/** Files are named by what they hold, so that a configuration's text changes with them. */
function contentName(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 24);
}

function renderAnswerHeaders(): string[] {
  return [
    "  http-response set-var(txn.origin) str(target)",
    "  http-response del-header Keep-Alive",
    `  http-after-response set-header Server ${SERVER_HEADER} unless ${BY_TARGET}`,
    `  http-after-response set-header Date %[date,http_date] unless ${BY_TARGET}`,
    "  http-after-response set-var(txn.late) " +
      `${CONNECT_TIMEOUTS_PASSED} if { status 503 } !{ var(txn.origin) -m found }`,
    `  http-after-response set-status 504 reason ${quote(REASONS[504])} if { var(txn.late) -m int ge 1 }`,
    `  http-after-response set-status 502 reason ${quote(REASONS[502])} if { var(txn.late) -m int 0 }`,
    `  http-after-response set-status 503 reason ${quote(REASONS[503])} if { var(txn.origin) -m str no-target }`,
  ];
}

/** Ends the request with an answer of ours. */
function answer(condition: string, response: string, origin = "rule"): string[] {
  return [
    `  http-request set-var(txn.origin) str(${origin}) if ${condition}`,
    `  http-request return ${response} if ${condition}`,
  ];
}

/** The first rule whose conditions all hold; decided on the request as it came, before any header is changed. */
function renderRuleChoice(rules: readonly ProxyRule[]): string[] {
  return rules.flatMap((rule, index) => {
    const number = index + 1;
    const names = rule.conditions.map((_, position) => `rule-${number}-${position + 1}`);
    return [
      ...rule.conditions.map(
        (condition, position) => `  acl ${names[position]} ${renderCondition(condition)}`,
      ),
      `  http-request set-var(txn.rule) int(${number}) if ${["!{ var(txn.rule) -m found }", ...names].join(" ")}`,
    ];
  });
}

function renderAction(
  action: ProxyAction,
  rule: number,
  listener: ProxyListener,
  directory: string,
): string[] {
  const chosen = `{ var(txn.rule) -m int ${rule} }`;
  switch (action.kind) {
    case "forward":
      return renderForward(action.backends, chosen);
    case "fixed-response":
      return answer(chosen, renderFixedResponse(action, directory));
    case "redirect":
      return renderRedirect(action, chosen, listener, directory);
    default:
      return unreachable(action);
  }
}

function renderForward(
  backends: readonly { readonly backendId: string; readonly weight: number }[],
  chosen: string,
): string[] {
  const weighted = backends.filter((backend) => backend.weight > 0);
  const total = weighted.reduce((sum, backend) => sum + backend.weight, 0);
  const [only] = weighted;
  if (only === undefined) return [];
  if (weighted.length === 1)
    return [`  http-request set-var(txn.backend) str(${only.backendId}) if ${chosen}`];
  const lines = [`  http-request set-var(txn.dice) rand(${total}) if ${chosen}`];
  let below = 0;
  for (const { backendId, weight } of weighted) {
    below += weight;
    lines.push(
      `  http-request set-var(txn.backend) str(${backendId}) ` +
        `if ${chosen} { var(txn.dice) -m int lt ${below} } !{ var(txn.backend) -m found }`,
    );
  }
  return lines;
}

function renderFixedResponse(
  action: Extract<ProxyAction, { kind: "fixed-response" }>,
  directory: string,
): string {
  if (action.body === "") return `status ${action.statusCode}`;
  const type = action.contentType.startsWith("text/")
    ? `${action.contentType}; charset=utf-8`
    : action.contentType;
  return (
    `status ${action.statusCode} content-type ${quote(type)} ` +
    `file ${quote(`${directory}/${bodyFile(action.body)}`)}`
  );
}

/** Always absolute, always with a port. A query that is only the request's own is left out when there is none. */
function renderRedirect(
  action: Extract<ProxyAction, { kind: "redirect" }>,
  chosen: string,
  listener: ProxyListener,
  directory: string,
): string[] {
  const fill = (template: string) => fillPlaceholders(template, listener);
  const origin = `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}`;
  const withoutQuery = origin + fill(action.path);
  const answerWith = (condition: string, location: string) =>
    answer(
      condition,
      `status ${action.statusCode} content-type text/html ` +
        `file ${quote(`${directory}/${pageFile(action.statusCode)}`)} hdr Location ${quote(location)}`,
    );
  if (action.query === "") return answerWith(chosen, withoutQuery);
  const withQuery = `${withoutQuery}?${fill(action.query)}`;
  if (action.query !== "#{query}") return answerWith(chosen, withQuery);
  const hasQuery = "{ query -m len gt 0 }";
  return [
    ...answerWith(`${chosen} ${hasQuery}`, withQuery),
    ...answerWith(`${chosen} !${hasQuery}`, withoutQuery),
  ];
}

function fillPlaceholders(template: string, listener: ProxyListener): string {
  const values: Readonly<Record<string, string>> = {
    protocol: listener.protocol.toLowerCase(),
    host: `%[${HOST_NAME}]`,
    port: String(listener.port),
    path: "%[path,regsub(^/,)]",
    query: "%[query]",
  };
  return template
    .split(/(#\{(?:protocol|host|port|path|query)\})/)
    .map((part) => values[/^#\{(\w+)\}$/.exec(part)?.[1] ?? ""] ?? literalFormat(part))
    .join("");
}

/**
 * No target group was chosen (all weights are zero), or the chosen one has no target at all. A worker that a reload
 * has replaced counts no server as usable, though it still uses them for the connections that it has; there the
 * rule must not speak. (A group truly without targets then gets that one last request a 502.)
 */
function renderNoTargets(directory: string): string[] {
  const response = `status 503 content-type text/html file ${quote(`${directory}/${pageFile(503)}`)}`;
  return [
    ...answer("!{ var(txn.backend) -m found }", response, "no-target"),
    ...answer("!{ stopping } { var(txn.backend),nbsrv eq 0 }", response, "no-target"),
  ];
}

function renderRequestHeaders(listener: ProxyListener, headers: ProxyRequestHeaders): string[] {
  return [
    ...(headers.dropInvalid ? ["  http-request del-header '[^-A-Za-z0-9]' -m reg"] : []),
    ...renderForwardedFor(headers),
    `  http-request set-header X-Forwarded-Proto ${listener.protocol.toLowerCase()}`,
    `  http-request set-header X-Forwarded-Port ${listener.port}`,
    "  http-request del-header Keep-Alive",
    ...renderTraceId(),
    ...(headers.preserveHost ? [] : renderHost(listener)),
    ...(headers.tlsVersionAndCipher && listener.protocol === "HTTPS"
      ? [
          "  http-request set-header x-amzn-tls-version %[ssl_fc_protocol]",
          "  http-request set-header x-amzn-tls-cipher-suite %[ssl_fc_cipher]",
        ]
      : []),
  ];
}

/** "X-Forwarded headers" in the ALB user guide. */
function renderForwardedFor(headers: ProxyRequestHeaders): string[] {
  const tooMany = answer(`{ req.hdr_cnt(x-forwarded-for) gt ${MOST_FORWARDED_ADDRESSES} }`, "status 463");
  if (headers.forwardedFor === "preserve") return tooMany;
  if (headers.forwardedFor === "remove") return [...tooMany, "  http-request del-header X-Forwarded-For"];
  const client = headers.forwardedForWithPort ? "%[src]:%[src_port]" : "%[src]";
  const present = "{ req.hdr(x-forwarded-for) -m found }";
  return [
    ...tooMany,
    `  http-request set-var(txn.forwarded) bool(1) if ${present}`,
    `  http-request set-header X-Forwarded-For ${quote(`%[req.fhdr(x-forwarded-for)], ${client}`)} if ${present}`,
    `  http-request set-header X-Forwarded-For ${quote(client)} unless { var(txn.forwarded) -m bool }`,
  ];
}

/**
 * "Request tracing for your Application Load Balancer": none gets a Root, one with a Root gets a Self before it, a
 * Self is replaced, other fields stay.
 */
function renderTraceId(): string[] {
  const trace = "req.fhdr(x-amzn-trace-id)";
  const set = (value: string) => `  http-request set-header X-Amzn-Trace-Id ${quote(value)}`;
  const state = "var(txn.tracing) -m str";
  return [
    `  http-request set-var-fmt(txn.trace) ${quote("1-%[date,hex,bytes(8,8),lower]-%[uuid,regsub(-,,g),bytes(0,24)]")}`,
    "  http-request set-var(txn.tracing) str(none)",
    `  http-request set-var(txn.tracing) str(other) if { ${trace} -m found }`,
    `  http-request set-var(txn.tracing) str(root) if { ${trace} -m sub Root= }`,
    `  http-request set-var(txn.tracing) str(self) if { ${trace} -m sub Self= }`,
    `${set("Root=%[var(txn.trace)]")} if { ${state} none }`,
    `${set(`Root=%[var(txn.trace)];%[${trace}]`)} if { ${state} other }`,
    `${set(`Self=%[var(txn.trace)];%[${trace}]`)} if { ${state} root }`,
    `  http-request replace-header X-Amzn-Trace-Id ${quote("^(.*)Self=[^;]*(.*)$")} ` +
      `${quote("\\1Self=%[var(txn.trace)]\\2")} if { ${state} self }`,
  ];
}

/** A default port is left out of the Host header, another one is added. */
function renderHost(listener: ProxyListener): string[] {
  const hasPort = "{ req.fhdr(host,1),host_port gt 0 }";
  if (listener.port === 80 || listener.port === 443) {
    return [`  http-request set-header Host %[${HOST_NAME}] if { req.fhdr(host,1) -m reg :[0-9]+$ }`];
  }
  return [
    `  http-request set-header Host ${quote(`%[req.fhdr(host,1)]:${listener.port}`)} ` +
      `if { req.hdr(host) -m found } !${hasPort}`,
  ];
}

/** A network load balancer's listener has one action: forward. */
function renderTcpForward(rules: readonly ProxyRule[]): string[] {
  const action = rules.at(-1)?.action;
  const backends = action?.kind === "forward" ? action.backends.filter((backend) => backend.weight > 0) : [];
  const last = backends.at(-1);
  if (last === undefined) return ["  tcp-request content reject"];
  const total = backends.reduce((sum, backend) => sum + backend.weight, 0);
  if (backends.length === 1) return [`  default_backend ${last.backendId}`];
  const lines = [`  tcp-request content set-var(sess.dice) rand(${total})`];
  let below = 0;
  for (const { backendId, weight } of backends) {
    below += weight;
    lines.push(`  use_backend ${backendId} if { var(sess.dice) -m int lt ${below} }`);
  }
  return lines;
}
