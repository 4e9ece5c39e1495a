/** Wildcards and policy variables (IAM User Guide, "IAM policy elements: Variables and tags"). */

/** Values of condition keys by lower-case name; several values where the key is multivalued. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** A piece of a pattern: text to be met as it is, any one character, any characters. */
type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "any" };

/**
 * `*` is any number of characters, `?` one. With `context`, `${key}` is that key's value (a key that is not there or
 * has several values makes the whole pattern match nothing), `${key, 'default'}` has a default, and `${*}`, `${?}`,
 * `${$}` are the characters themselves.
 */
export function matchesPattern(
  pattern: string,
  text: string,
  options: { readonly ignoreCase?: boolean; readonly context?: RequestContext | undefined } = {},
): boolean {
  const pieces = compile(pattern, options.context);
  if (pieces === undefined) return false;
  return options.ignoreCase === true ? meets(pieces.map(lowered), text.toLowerCase()) : meets(pieces, text);
}

/** The text with its variables replaced; undefined when one of them has no single value. */
export function substitute(pattern: string, context: RequestContext | undefined): string | undefined {
  if (context === undefined || !pattern.includes("${")) return pattern;
  let failed = false;
  const result = pattern.replace(/\$\{([^}]*)\}/g, (_, body: string) => {
    const value = variable(body, context);
    if (value === undefined) failed = true;
    return value ?? "";
  });
  return failed ? undefined : result;
}

function compile(pattern: string, context: RequestContext | undefined): Piece[] | undefined {
  const pieces: Piece[] = [];
  const token = context === undefined ? /[*?]/g : /\$\{([^}]*)\}|[*?]/g;
  let at = 0;
  for (const match of pattern.matchAll(token)) {
    if (match.index > at) pieces.push({ kind: "text", text: pattern.slice(at, match.index) });
    at = match.index + match[0].length;
    if (match[0] === "*") pieces.push({ kind: "any" });
    else if (match[0] === "?") pieces.push({ kind: "one" });
    else {
      const value = context === undefined ? undefined : variable(match[1] ?? "", context);
      if (value === undefined) return undefined;
      pieces.push({ kind: "text", text: value });
    }
  }
  if (at < pattern.length) pieces.push({ kind: "text", text: pattern.slice(at) });
  return pieces;
}

function variable(body: string, context: RequestContext): string | undefined {
  if (body === "*" || body === "?" || body === "$") return body;
  const [, key = "", fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(body) ?? [];
  const values = context.get(key.toLowerCase());
  return values?.length === 1 ? values[0] : values === undefined ? fallback : undefined;
}

function lowered(piece: Piece): Piece {
  return piece.kind === "text" ? { kind: "text", text: piece.text.toLowerCase() } : piece;
}

/** Linear but for the last `any`, which alone is ever gone back to. */
function meets(pieces: readonly Piece[], text: string): boolean {
  let piece = 0;
  let at = 0;
  let retry: { readonly piece: number; at: number } | undefined;
  for (;;) {
    const current = pieces[piece];
    if (current === undefined && at === text.length) return true;
    if (current?.kind === "any") {
      retry = { piece: piece + 1, at };
      piece += 1;
      continue;
    }
    if (current?.kind === "one" && at < text.length) {
      piece += 1;
      at += 1;
      continue;
    }
    if (current?.kind === "text" && text.startsWith(current.text, at)) {
      piece += 1;
      at += current.text.length;
      continue;
    }
    if (retry === undefined || retry.at >= text.length) return false;
    retry.at += 1;
    piece = retry.piece;
    at = retry.at;
  }
}
