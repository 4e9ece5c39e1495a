/** Structured log lines on standard error: one JSON object a line. Callers never put secrets in fields. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds `fields` to each line. */
  with(fields: LogFields): Log;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export function createLog(
  minimum: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
  base: LogFields = {},
): Log {
  const emit = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(minimum)) return;
    write(
      `${JSON.stringify({ time: new Date().toISOString(), level, message, ...base, ...describeErrors(fields) })}\n`,
    );
  };
  return {
    debug: emit("debug"),
    info: emit("info"),
    warn: emit("warn"),
    error: emit("error"),
    with: (fields) => createLog(minimum, write, { ...base, ...fields }),
  };
}

/** Errors do not survive JSON.stringify; their stack is what a reader needs. */
function describeErrors(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}

export const silentLog: Log = createLog("error", () => undefined);
