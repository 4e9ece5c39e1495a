/** Session Manager, as far as execute-command's clients need it: they come back after a loss, and end a session. */
import type * as wire from "@aws-sdk/client-ssm";
import type { HandlerContext } from "../operation.ts";
import { sessionMissing } from "./errors.ts";

export function resumeSession(
  input: wire.ResumeSessionRequest,
  { scope, sessions }: HandlerContext,
): wire.ResumeSessionResponse {
  const sessionId = input.SessionId ?? "";
  const resumed = sessions.resume(scope, sessionId);
  if (resumed === undefined) throw sessionMissing(sessionId);
  return { SessionId: sessionId, TokenValue: resumed.tokenValue, StreamUrl: resumed.streamUrl };
}

/** One that is over, or never was, is no error: the API reference lists none. */
export function terminateSession(
  input: wire.TerminateSessionRequest,
  { scope, sessions }: HandlerContext,
): wire.TerminateSessionResponse {
  const sessionId = input.SessionId ?? "";
  sessions.terminate(scope, sessionId);
  return { SessionId: sessionId };
}
