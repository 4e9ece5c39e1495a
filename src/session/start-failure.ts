/** What a client is told when the program of its session does not start: in the agent's words, not the engine's. */

export type StartFailure =
  | { readonly kind: "open-quote" }
  /** `message` is the engine's. */
  | { readonly kind: "refused"; readonly word: string; readonly message: string };

export function startFailure(cause: StartFailure): string {
  return `----------ERROR-------\nUnable to start command: Failed to start pty: ${reasonOf(cause)}\n`;
}

function reasonOf(cause: StartFailure): string {
  if (cause.kind === "open-quote") {
    return "Failed to parse commands input: EOF found when expecting closing quote";
  }
  const { word, message } = cause;
  const said = message.trim().replace(/: unknown$/, "");
  if (!/executable file not found|no such file or directory|permission denied/.test(said)) return said;
  if (!word.includes("/")) return `exec: ${JSON.stringify(word)}: executable file not found in $PATH`;
  return `fork/exec ${word}: ${said.split(": ").at(-1)}`;
}
