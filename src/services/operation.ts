/**
 * What the gateway and the services share: an operation is a function from its decoded input, and a context, to
 * its output. It writes desired state and returns; it causes no effect and knows no protocol.
 */
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Principal } from "../model/iam/principal.ts";
import type { Scope } from "../model/scope.ts";
import type { LogStore } from "../store/log-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Store } from "../store/store.ts";
import type { TrailStore } from "../store/trail-store.ts";

/** Who calls: from the access key of the request. */
export interface Caller {
  readonly accessKeyId: string;
  /** `arn:aws:iam::<account>:user/berth` for the operator's keys. */
  readonly arn: string;
  readonly userId: string;
  readonly principal: Principal;
  /** The AWS service that calls in the name of a role which it has assumed: `events.amazonaws.com`. */
  readonly invokedBy?: string | undefined;
}

export interface HandlerContext {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly store: Store;
  /** The lines of log streams. */
  readonly logStore: LogStore;
  /** The bytes of S3's objects. */
  readonly objectStore: ObjectStore;
  /** CloudTrail's event history. */
  readonly trailStore: Pick<TrailStore, "find">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: ServiceSettings;
  readonly sessions: SessionPort;
}

/**
 * Terminals in tasks' containers. The one effect that handlers cause themselves: a client waits at the other end, so
 * there is no desired state that a reconciler could bring about later.
 */
export interface SessionPort {
  /** Of a container, those that are open. */
  countOf(containerArn: string): number;
  /** The program starts when the client has connected. */
  open(request: SessionRequest): StartedSession;
  /** Lets a client that lost its connection back in. Undefined when that account has no such session open. */
  resume(scope: Scope, sessionId: string): StartedSession | undefined;
  /** Nothing happens when that account has no such session open. */
  terminate(scope: Scope, sessionId: string): void;
}

export interface SessionRequest {
  readonly scope: Scope;
  readonly containerArn: string;
  /** The engine's id of the container. */
  readonly runtimeId: string;
  readonly command: string;
  /** Where what the terminal prints goes, in a stream named as the session; absent: nowhere. */
  readonly transcript?: { readonly scope: Scope; readonly groupName: string } | undefined;
}

export interface StartedSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/** What the operator's configuration means to handlers. */
export interface ServiceSettings {
  /** The range that elastic and other public addresses come from, for example `198.18.0.0/16`. */
  readonly publicPool: string;
  /** `host:port` that clients and `docker push` reach Berth at, for example `127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Signs the passwords that GetAuthorizationToken gives out. */
  readonly registrySecret: string;
  /** Seals what must not lie open in the state directory, such as the values of SecureString parameters. */
  readonly sealingKey: string;
}

export type Operation<Input, Output> = (input: Input, context: HandlerContext) => Output | Promise<Output>;

/**
 * Every operation of an SDK package (`typeof import("@aws-sdk/client-ecs")`) by its API name, with its own input
 * and output types. A service's table is checked with `satisfies Partial<OperationsOf<…>>`, so that a handler of
 * the wrong shape, or for an operation that does not exist, does not compile.
 */
export type OperationsOf<Sdk> = {
  readonly [Name in keyof Sdk as Name extends `${infer OperationName}Command`
    ? OperationName
    : never]: Sdk[Name] extends new (
    ...parameters: never[]
  ) => { readonly input: infer Input; resolveMiddleware: infer Resolve }
    ? Operation<Input, Sent<Omit<HandledOutput<Resolve>, "$metadata">>>
    : never;
};

/** What an operation answers with as it is: an object of S3. */
export type Bytes = Uint8Array | AsyncIterable<Uint8Array>;

/** The SDK's own type of a stream is that of a client that has received it. */
type Sent<Output> = "Body" extends keyof Output
  ? Omit<Output, "Body"> & { readonly Body?: Bytes | undefined }
  : Output;

/** The output type behind an SDK command's handler. */
type HandledOutput<Resolve> = Resolve extends (
  ...parameters: never[]
) => (parameters: never) => Promise<{ output: infer Output }>
  ? Output
  : never;

/** What the gateway sees of a service's table: its operations with the types taken off. */
export type AnyOperationTable = Readonly<Record<string, Operation<never, object>>>;

/** An input member that the model requires was not sent, or has a value that its type does not allow. */
export type InputFault =
  | { readonly kind: "missing"; readonly member: string; readonly operation: string }
  | { readonly kind: "malformed"; readonly message: string; readonly operation: string };

/** What a service tells the gateway about itself beside its operations. */
export interface ServiceFaults {
  /** The service's own modelled exception for input that does not fit the schema. */
  invalidInput(fault: InputFault): Error;
}

/** An error of a service whose SDK models none (EC2), or of the gateway itself. */
export class CodedError extends Error {
  readonly code: string;
  readonly httpStatus: number;
  /** Further elements of the error: S3 tells what it is about. */
  readonly members: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    httpStatus = 400,
    members: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.httpStatus = httpStatus;
    this.members = members;
  }
}
