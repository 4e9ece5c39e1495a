import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  LoadBalancerNodeConfig,
  ProxyAction,
  ProxyBackend,
  ProxyCondition,
  ProxyListener,
} from "../config.ts";
import { renderErrorFiles } from "./error-files.ts";
import { quote, wildcardExpression } from "./quote.ts";
import { renderCondition } from "./render-conditions.ts";
import { renderHaproxyConfig, renderNodeFiles, structureOf } from "./render-config.ts";

const OPTIONS = { directory: "/state/eni-1", user: "haproxy" };

function backend(changes: Partial<ProxyBackend> = {}): ProxyBackend {
  return {
    backendId: "web.0123456789abcdef",
    protocol: "HTTP",
    algorithm: "round_robin",
    targets: [{ address: "10.0.1.5", port: 8080, draining: false }],
    healthCheck: {
      enabled: true,
      protocol: "HTTP",
      port: "traffic-port",
      path: "/health?a='b'",
      intervalSeconds: 300,
      timeoutSeconds: 120,
      healthyThresholdCount: 5,
      unhealthyThresholdCount: 10,
      matcher: "200,202, 300-399",
    },
    ...changes,
  };
}

function listener(action: ProxyAction, changes: Partial<ProxyListener> = {}): ProxyListener {
  return { port: 80, protocol: "HTTP", certificates: [], rules: [{ conditions: [], action }], ...changes };
}

function node(changes: Partial<LoadBalancerNodeConfig> = {}): LoadBalancerNodeConfig {
  return {
    nodeId: "eni-1",
    address: "10.0.0.9",
    listeners: [listener(forward([["web.0123456789abcdef", 1]]))],
    backends: [backend()],
    idleTimeoutSeconds: 60,
    http2: true,
    ...changes,
  };
}

function forward(backends: readonly (readonly [string, number])[]): ProxyAction {
  return { kind: "forward", backends: backends.map(([backendId, weight]) => ({ backendId, weight })) };
}

function rendered(changes: Partial<LoadBalancerNodeConfig> = {}): string {
  return renderHaproxyConfig(node(changes), OPTIONS);
}

test("a plain listener binds the node's address and takes HTTP/1 only", () => {
  assert.match(rendered(), /^ {2}bind 10\.0\.0\.9:80 proto h1$/m);
});

test("a target is a checked server behind a closed gate and an unchecked backup", () => {
  const text = rendered();
  assert.match(
    text,
    /^ {2}server 10\.0\.1\.5:8080 10\.0\.1\.5:8080 verify none pool-purge-delay 5s weight 0 check port 8080 inter 300s rise 5 fall 10$/m,
  );
  assert.match(
    text,
    /^ {2}server open-10\.0\.1\.5:8080 10\.0\.1\.5:8080 verify none pool-purge-delay 5s weight 1 backup$/m,
  );
  assert.match(text, /^ {2}option allbackups$/m);
});

test("the probe carries the target's address as host and the load balancer's agent", () => {
  const text = rendered();
  assert.match(
    text,
    /http-check send meth GET uri '\/health\?a='\\''b'\\''' ver HTTP\/1\.1 hdr Host '%\[srv_name\]' hdr User-Agent ELB-HealthChecker\/2\.0/,
  );
  assert.match(text, /^ {2}http-check expect status 200,202,300-399$/m);
  assert.match(text, /^ {2}timeout check 120s$/m);
});

test("a health check port of its own is in the probe's host", () => {
  const text = rendered({ backends: [backend({ healthCheck: { ...backend().healthCheck, port: 9000 } })] });
  assert.match(text, /hdr Host '%\[srv_name,field\(1,:\)\]:9000'/);
  assert.match(text, / check port 9000 /);
});

test("a TCP check only connects", () => {
  const healthCheck = { ...backend().healthCheck, protocol: "TCP" as const };
  const text = rendered({ backends: [backend({ protocol: "TCP", healthCheck })] });
  assert.doesNotMatch(text, /httpchk|http-check/);
  assert.match(text, /^ {2}mode tcp$/m);
});

test("targets without health checks are let in at once", () => {
  const text = rendered({
    backends: [backend({ healthCheck: { ...backend().healthCheck, enabled: false } })],
  });
  assert.match(
    text,
    /^ {2}server 10\.0\.1\.5:8080 10\.0\.1\.5:8080 verify none pool-purge-delay 5s weight 1$/m,
  );
});

test("certificates of HTTPS targets are not verified", () => {
  assert.match(rendered({ backends: [backend({ protocol: "HTTPS" })] }), / ssl verify none /);
});

test("the first rule whose conditions hold is chosen, the default last", () => {
  const text = rendered({
    listeners: [
      listener(forward([["web.0123456789abcdef", 1]]), {
        rules: [
          {
            conditions: [
              { kind: "host-header", values: ["a.test"] },
              { kind: "path-pattern", values: ["/x"] },
            ],
            action: forward([["web.0123456789abcdef", 1]]),
          },
          { conditions: [], action: forward([]) },
        ],
      }),
    ],
  });
  assert.match(text, /set-var\(txn\.rule\) int\(1\) if !\{ var\(txn\.rule\) -m found \} rule-1-1 rule-1-2\n/);
  assert.match(text, /set-var\(txn\.rule\) int\(2\) if !\{ var\(txn\.rule\) -m found \}\n/);
});

test("a worker that a reload has replaced does not take its targets for gone", () => {
  assert.match(
    rendered(),
    /http-request return status 503 .* if !\{ stopping \} \{ var\(txn\.backend\),nbsrv eq 0 \}/,
  );
});

test("weights divide requests among groups, and none goes to weight 0", () => {
  const text = rendered({
    listeners: [
      listener(
        forward([
          ["a", 30],
          ["zero", 0],
          ["b", 10],
        ]),
      ),
    ],
  });
  assert.match(text, /set-var\(txn\.dice\) rand\(40\)/);
  assert.match(text, /str\(a\) if .* \{ var\(txn\.dice\) -m int lt 30 \}/);
  assert.match(text, /str\(b\) if .* \{ var\(txn\.dice\) -m int lt 40 \}/);
  assert.doesNotMatch(text, /str\(zero\)/);
});

test("a fixed response of a text type says its character set, and its body is a file", () => {
  const action: ProxyAction = {
    kind: "fixed-response",
    statusCode: 404,
    contentType: "text/plain",
    body: "It's 100% gone\n",
  };
  const config = node({ listeners: [listener(action)] });
  const text = renderHaproxyConfig(config, OPTIONS);
  const [, file] =
    /return status 404 content-type 'text\/plain; charset=utf-8' file '\/state\/eni-1\/(bodies\/\w+)'/.exec(
      text,
    ) ?? [];
  assert.ok(file);
  assert.equal(renderNodeFiles(config).get(file), "It's 100% gone\n");
});

test("an empty fixed response has no content type", () => {
  const text = rendered({
    listeners: [listener({ kind: "fixed-response", statusCode: 204, contentType: "text/plain", body: "" })],
  });
  assert.match(text, /http-request return status 204 if/);
});

test("a redirect's placeholders are the request's parts, and percent signs stay", () => {
  const action: ProxyAction = {
    kind: "redirect",
    ...{
      protocol: "#{protocol}",
      host: "www.#{host}",
      port: "8443",
      path: "/a%20b/#{path}",
      query: "x=1&#{query}",
    },
    statusCode: 302,
  };
  const text = rendered({ listeners: [listener(action, { port: 81 })] });
  assert.ok(
    text.includes(
      "hdr Location 'http://www.%[req.fhdr(host,1),host_only]:8443/a%%20b/%[path,regsub(^/,)]?x=1&%[query]'",
    ),
    text,
  );
});

test("an HTTPS listener offers its policy's versions, and HTTP/2 unless that is off", () => {
  const https = listener(forward([]), {
    port: 443,
    protocol: "HTTPS",
    certificates: [
      { name: "one", pem: "PEM 1" },
      { name: "two", pem: "PEM 2" },
    ],
    tlsVersions: { minimum: "TLSv1", maximum: "TLSv1.3" },
    tlsCiphers: ["TLS_AES_128_GCM_SHA256", "AES128-SHA"],
  });
  const config = node({ listeners: [https] });
  const text = renderHaproxyConfig(config, OPTIONS);
  const crt = "crt '\\/state\\/eni-1\\/certificates\\/\\w+\\.pem'";
  assert.match(
    text,
    new RegExp(
      `bind 10\\.0\\.0\\.9:443 ssl ${crt} ${crt} ssl-min-ver TLSv1\\.0 ssl-max-ver TLSv1\\.3 ` +
        "ciphers AES128-SHA:@SECLEVEL=0 ciphersuites TLS_AES_128_GCM_SHA256 alpn h2,http/1\\.1\\n",
    ),
  );
  assert.deepEqual(
    [...renderNodeFiles(config).values()].filter((content) => content.startsWith("PEM")),
    ["PEM 1", "PEM 2"],
  );
  assert.match(rendered({ listeners: [https], http2: false }), / alpn http\/1\.1\n/);
});

test("X-Forwarded-For is appended to, kept or removed as the attribute says", () => {
  const headers = {
    forwardedFor: "append" as const,
    forwardedForWithPort: true,
    ...{ preserveHost: true, dropInvalid: true, tlsVersionAndCipher: false },
  };
  assert.match(
    rendered({ requestHeaders: headers }),
    /'%\[req\.fhdr\(x-forwarded-for\)\], %\[src\]:%\[src_port\]'/,
  );
  assert.doesNotMatch(
    rendered({ requestHeaders: { ...headers, forwardedFor: "preserve" } }),
    /-header X-Forwarded-For/,
  );
  assert.match(
    rendered({ requestHeaders: { ...headers, forwardedFor: "remove" } }),
    /del-header X-Forwarded-For/,
  );
  assert.doesNotMatch(rendered({ requestHeaders: headers }), /set-header Host/);
});

test("the structure changes with rules, checks and certificates, not with targets", () => {
  const plain = structureOf(node(), OPTIONS);
  assert.equal(structureOf(node({ backends: [backend({ targets: [] })] }), OPTIONS), plain);
  assert.notEqual(structureOf(node({ idleTimeoutSeconds: 61 }), OPTIONS), plain);
  const slower = backend({ healthCheck: { ...backend().healthCheck, intervalSeconds: 301 } });
  assert.notEqual(structureOf(node({ backends: [slower] }), OPTIONS), plain);
  const tls = (pem: string) =>
    node({
      listeners: [listener(forward([]), { protocol: "HTTPS", certificates: [{ name: "same", pem }] })],
    });
  assert.notEqual(structureOf(tls("old"), OPTIONS), structureOf(tls("new"), OPTIONS));
});

test("a configuration names the structure that it is", () => {
  assert.ok(rendered().includes(`setenv BERTH_STRUCTURE '${structureOf(node(), OPTIONS)}'`));
});

test("error pages have the lengths of real ones", () => {
  const files = renderErrorFiles();
  const lengthOf = (name: string) => files.get(name)?.length;
  assert.equal(lengthOf("errors/503.html"), 162);
  assert.equal(lengthOf("errors/301.html"), 134);
  assert.match(files.get("errors/502.http") ?? "", /^HTTP\/1\.1 502 Bad Gateway\r\nServer: awselb\/2\.0\r\n/);
  assert.match(files.get("errors/502.http") ?? "", /\r\nContent-Length: 122\r\n/);
  assert.match(files.get("errors/504.http") ?? "", /\r\nContent-Length: 132\r\n/);
});

/** What a condition's regular expressions take, tried by Node's own engine. */
function takes(condition: ProxyCondition, text: string): boolean {
  const criterion = renderCondition(condition);
  const expressions = [...criterion.slice(criterion.indexOf(" -- ") + 4).matchAll(/'([^']*)'/g)];
  const flags = criterion.includes(" -i ") ? "i" : "";
  return expressions.some(([, expression]) => new RegExp(expression ?? "", flags).test(text));
}

test("a wildcard host does not take the bare domain, and case does not matter", () => {
  const condition: ProxyCondition = { kind: "host-header", values: ["*.example.com", "b?r.org"] };
  assert.ok(takes(condition, "Test.Example.com"));
  assert.ok(takes(condition, "bar.org"));
  assert.ok(!takes(condition, "example.com"));
  assert.ok(!takes(condition, "testxexample.com"));
  assert.ok(!takes(condition, "br.org"));
});

test("a path pattern takes the whole path, case matters", () => {
  const condition: ProxyCondition = { kind: "path-pattern", values: ["/img/*/p.c"] };
  assert.ok(takes(condition, "/img/a/b/p.c"));
  assert.ok(!takes(condition, "/IMG/a/p.c"));
  assert.ok(!takes(condition, "/img/a/p.cc"));
  assert.ok(!takes(condition, "/img/a/pxc"));
});

test("a query pair matches one pair of the query, raw, in any case", () => {
  const version: ProxyCondition = { kind: "query-string", values: [{ key: "Version", value: "v1*" }] };
  assert.ok(takes(version, "a=b&version=V12&c=d"));
  assert.ok(!takes(version, "a=b&xversion=v1"));
  assert.ok(!takes(version, "version=x&a=v1"));
  const anyKey: ProxyCondition = { kind: "query-string", values: [{ value: "exam\\*ple" }] };
  assert.ok(takes(anyKey, "k=exam*ple"));
  assert.ok(!takes(anyKey, "k=examxple"));
});

test("a header name that cannot be one never matches", () => {
  assert.equal(renderCondition({ kind: "http-header", name: "a b", values: ["*"] }), "always_false");
  assert.match(
    renderCondition({ kind: "http-header", name: "X-A", values: ["*"] }),
    /^'req\.fhdr\(X-A\)' -i -m reg -- /,
  );
});

test("text cannot leave its place in the configuration", () => {
  assert.equal(quote("a'b\nglobal"), "'a'\\''bglobal'");
  assert.equal(wildcardExpression("a' #$\"\n*"), "a\\x27\\x20\\x23\\x24\\x22\\x0a.*");
});
