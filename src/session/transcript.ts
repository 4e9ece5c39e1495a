/** What a session's terminal printed, as log events: as few as fit, ended at the end of a line where there is one. */
import { StringDecoder } from "node:string_decoder";

/** As Systems Manager's agent: well below what an event of CloudWatch Logs may hold. */
const EVENT_BYTES = 200_000;

export interface Transcript {
  add(data: Buffer): void;
  /** Writes what is left. */
  end(): void;
}

export function createTranscript(write: (text: string) => void): Transcript {
  const decoder = new StringDecoder("utf8");
  let held = "";
  return {
    add(data) {
      held += decoder.write(data);
      // A character of UTF-8 has one byte at least, so this is seldom asked in vain.
      while (held.length >= EVENT_BYTES / 4 && Buffer.byteLength(held) >= EVENT_BYTES) {
        const most = held.slice(0, EVENT_BYTES / 4);
        const lineEnd = most.lastIndexOf("\n") + 1;
        const size = lineEnd > 0 ? lineEnd : wholeCharacters(most);
        write(held.slice(0, size));
        held = held.slice(size);
      }
    },
    end() {
      held += decoder.end();
      if (held !== "") write(held);
      held = "";
    },
  };
}

/** A character of two code units is not cut in two. */
function wholeCharacters(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}
