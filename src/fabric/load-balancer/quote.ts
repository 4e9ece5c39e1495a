/** How text becomes part of an HAProxy configuration without meaning more than itself. */

/** A word in strong quotes, where HAProxy interprets nothing. Line ends, which no quoting allows, are dropped. */
export function quote(word: string): string {
  return `'${word.replaceAll(/[\r\n\0]/g, "").replaceAll("'", `'\\''`)}'`;
}

/** Literal text inside a log-format string. */
export function literalFormat(text: string): string {
  return text.replaceAll("%", "%%");
}

export interface WildcardOptions {
  /** What `*` and `?` may stand for, as a regular expression of one character. */
  readonly character?: string;
  /** `\*` and `\?` stand for the characters themselves. */
  readonly escapes?: boolean;
}

/**
 * A pattern with `*` (none or more characters) and `?` (exactly one) as the body of a regular expression. All but
 * letters and digits is written as a hexadecimal escape, so nothing in it means anything to HAProxy either.
 */
export function wildcardExpression(pattern: string, options: WildcardOptions = {}): string {
  const character = options.character ?? ".";
  let expression = "";
  for (let i = 0; i < pattern.length; i++) {
    const symbol = pattern.charAt(i);
    const next = pattern.charAt(i + 1);
    if (options.escapes && symbol === "\\" && (next === "*" || next === "?")) {
      expression += literalExpression(next);
      i++;
    } else if (symbol === "*") expression += `${character}*`;
    else if (symbol === "?") expression += character;
    else expression += literalExpression(symbol);
  }
  return expression;
}

function literalExpression(text: string): string {
  if (/^[A-Za-z0-9]$/.test(text)) return text;
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
