/** A program with a terminal, in memory: prints its arguments and what is typed; `exit` or ctrl-D ends it. */
import type { TerminalEvents, TerminalProcess, TerminalProgram } from "../container-runtime.ts";

export type SimulatedTerminal = TerminalProcess;

const HANGUP_STATUS = 129;

export function openEcho(
  program: TerminalProgram,
  events: Pick<TerminalEvents, "output" | "ended">,
): SimulatedTerminal {
  let isOver = false;
  const end = (exitCode: number) => {
    if (isOver) return;
    isOver = true;
    events.ended(exitCode);
  };
  queueMicrotask(() => events.output(Buffer.from(`${program.arguments.join(" ")}\r\n`)));
  return {
    write(data) {
      if (isOver) return;
      events.output(data);
      const typed = data.toString("latin1");
      if (typed.startsWith("exit\r") || typed.includes("\x04")) end(0);
    },
    resize() {},
    pause() {},
    resume() {},
    async kill() {
      end(HANGUP_STATUS);
    },
  };
}
