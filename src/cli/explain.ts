/** `berth explain iam`: which statement decides whether a principal may do something. */
import { stateDirectoryOf } from "../config.ts";
import { askServer, requireServer } from "./admin-client.ts";
import { CommandFailure, EXIT, print, printJson } from "./output.ts";

export interface ExplainFlags {
  readonly stateDir?: string | undefined;
  readonly principal: string;
  readonly action: string;
  readonly resource?: string | undefined;
  readonly context?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

interface Explanation {
  readonly decision: string;
  readonly reason: string;
  readonly statements: readonly {
    readonly policy: string;
    readonly kind: string;
    readonly sid?: string;
    readonly index: number;
    readonly statement: object;
  }[];
  readonly policies: readonly string[];
}

/** Throws CommandFailure: 4 when there is no such principal, 2 for a `--context` without `=`. */
export async function explainIam(flags: ExplainFlags): Promise<void> {
  const server = requireServer(stateDirectoryOf(flags.stateDir, process.env));
  const query = new URLSearchParams({
    principal: flags.principal,
    action: flags.action,
    resource: flags.resource ?? "*",
  });
  for (const entry of flags.context ?? []) {
    if (!/^[^=]+=/.test(entry))
      throw new CommandFailure(`--context takes key=value, not ${entry}`, EXIT.usage);
    query.append("context", entry);
  }
  const { status, body } = await askServer(server, `explain-iam?${query}`);
  if (status !== 200) {
    const message = isObject(body) ? String(body["error"]) : `the server answered ${status}`;
    throw new CommandFailure(message, status === 404 ? EXIT.notFound : EXIT.failure);
  }
  if (flags.json) return printJson(body);
  show(body as Explanation);
}

function show({ decision, reason, statements, policies }: Explanation): void {
  print(`${decision}: ${reason}`);
  for (const { policy, kind, sid, index, statement } of statements) {
    print(`\n${kind} policy: ${policy}, statement ${index + 1}${sid === undefined ? "" : ` (${sid})`}`);
    print(JSON.stringify(statement, null, 2));
  }
  if (statements.length === 0) {
    print(policies.length === 0 ? "\nno policy was there to ask" : `\nasked: ${policies.join(", ")}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
