/** Where the output of containers with the awslogs driver goes. The log store implements it. */
import type { Scope } from "../../model/scope.ts";

export interface LogSinkLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** How far a stream has come: its last timestamp, and how many of its lines carry exactly that one. */
export interface LogPosition {
  readonly timestamp: number;
  readonly lineCount: number;
}

export interface LogSink {
  /** Makes the stream if it is not there, and its group too when `createGroup` says so. */
  ensureStream(
    scope: Scope,
    groupName: string,
    streamName: string,
    options: { readonly createGroup: boolean },
  ): "ready" | "no-such-group";
  /** Lines in the order in which they were written; dropped when the group is gone meanwhile. */
  append(scope: Scope, groupName: string, streamName: string, lines: readonly LogSinkLine[]): void;
  /** Undefined while the stream is empty or absent. */
  lastTimestamp(scope: Scope, groupName: string, streamName: string): LogPosition | undefined;
}
