/** Splits the text of a cluster query into tokens. */
import { failure, type Result, success } from "../../../lib/result.ts";

export type Token =
  | { readonly kind: "word" | "quoted"; readonly text: string; readonly at: number }
  | { readonly kind: "sign"; readonly text: string; readonly at: number };

/** The longer ones first. */
const SIGNS = ["==", "!=", ">=", "<=", "=~", "!~", "&&", "||", ">", "<", "!", "(", ")", "[", "]", ","];
const WORD = /[A-Za-z0-9_\-.@/\\:+*%#]+/y;
/** After a pattern operator: everything up to white space or a parenthesis. */
const PATTERN = /[^\s()'"]+/y;
const PATTERN_OPERATORS = ["=~", "!~", "matches", "not_matches"];

export function readTokens(text: string): Result<readonly Token[], string> {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (/\s/.test(char)) {
      at++;
      continue;
    }
    const token = char === "'" || char === '"' ? readQuoted(text, at) : readPlain(text, at, tokens.at(-1));
    if (token === undefined) return failure(unreadable(text, at));
    tokens.push(token);
    at += token.kind === "quoted" ? token.text.length + 2 : token.text.length;
  }
  return success(tokens);
}

function readQuoted(text: string, at: number): Token | undefined {
  const end = text.indexOf(text.charAt(at), at + 1);
  return end < 0 ? undefined : { kind: "quoted", text: text.slice(at + 1, end), at };
}

function readPlain(text: string, at: number, previous: Token | undefined): Token | undefined {
  const pattern = previous?.kind !== "quoted" && PATTERN_OPERATORS.includes(previous?.text ?? "");
  const sign = pattern ? undefined : SIGNS.find((candidate) => text.startsWith(candidate, at));
  if (sign !== undefined) return { kind: "sign", text: sign, at };
  const words = pattern ? PATTERN : WORD;
  words.lastIndex = at;
  const word = words.exec(text)?.[0];
  return word === undefined ? undefined : { kind: "word", text: word, at };
}

function unreadable(text: string, at: number): string {
  const char = text.charAt(at);
  return char === "'" || char === '"'
    ? `no closing ${char} for the one at position ${at}`
    : `unexpected '${char}' at position ${at}`;
}
