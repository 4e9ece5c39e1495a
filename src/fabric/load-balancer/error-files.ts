/**
 * Answers that the load balancer makes itself, byte for byte as an Application Load Balancer sends them.
 * From "Troubleshoot your Application Load Balancers" and captures of real answers.
 */

export const SERVER_HEADER = "awselb/2.0";

/** A target that has not accepted a connection after this long gets the client a 504. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** HAProxy's clock and timer are not the same; a refused connection never takes this long. */
const LATE_MS = CONNECT_TIMEOUT_MS - 100;

/** Milliseconds since the request came in; the frontend notes `txn.started`. */
export const ELAPSED = "date(0,ms),sub(txn.started)";
/** How many times the connect timeout has passed, rounded down. */
export const CONNECT_TIMEOUTS_PASSED = `${ELAPSED},div(${LATE_MS})`;

export const REASONS = {
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
} as const;

type MadeStatus = keyof typeof REASONS;

/** Those that HAProxy answers by itself, whole answers; 503 needs thought and is a page with a format. */
export const WHOLE_ANSWERS = [400, 408, 413, 500, 501, 502, 504] as const satisfies readonly MadeStatus[];
/** Those that our rules answer; headers are added by the rules. */
const PAGES = [301, 302, 405, 503] as const satisfies readonly MadeStatus[];

export function wholeAnswerFile(status: (typeof WHOLE_ANSWERS)[number]): string {
  return `errors/${status}.http`;
}

export function pageFile(status: (typeof PAGES)[number]): string {
  return `errors/${status}.html`;
}

/**
 * HAProxy answers 503 when a target refuses the connection or never answers to it, and knows no better in the text
 * of the answer; the load balancer says 502 and 504. The time that has passed tells which it was.
 */
export const NO_CONNECTION_PAGE = "errors/no-connection.html";

/** The files that every node's configuration names, by path below its directory. */
export function renderErrorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const status of WHOLE_ANSWERS) files.set(wholeAnswerFile(status), wholeAnswer(status));
  for (const status of PAGES) files.set(pageFile(status), page(titleOf(status)));
  const title = `%[${CONNECT_TIMEOUTS_PASSED},bool,iif(${titleOf(504)},${titleOf(502)})]`;
  files.set(NO_CONNECTION_PAGE, page(title));
  return files;
}

function titleOf(status: MadeStatus): string {
  return `${status} ${REASONS[status]}`;
}

function page(title: string): string {
  return [
    "<html>",
    `<head><title>${title}</title></head>`,
    "<body>",
    `<center><h1>${title}</h1></center>`,
    "</body>",
    "</html>",
    "",
  ].join("\r\n");
}

function wholeAnswer(status: MadeStatus): string {
  const body = page(titleOf(status));
  return [
    `HTTP/1.1 ${titleOf(status)}`,
    `Server: ${SERVER_HEADER}`,
    "Content-Type: text/html",
    `Content-Length: ${body.length}`,
    ...(status === 400 || status === 408 ? ["Connection: close"] : []),
    "",
    body,
  ].join("\r\n");
}
