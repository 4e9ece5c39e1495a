/** The quoted strings of a TXT value, unescaped (`\"`, `\ooo`); undefined when it is not a row of such strings. */
export function characterStrings(value: string): string[] | undefined {
  const strings: string[] = [];
  const quoted = /\s*"((?:[^"\\]|\\[0-3][0-7]{2}|\\.)*)"\s*/y;
  while (quoted.lastIndex < value.length) {
    const match = quoted.exec(value);
    if (match === null) return undefined;
    strings.push(
      (match[1] ?? "").replace(/\\([0-3][0-7]{2}|.)/g, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped,
      ),
    );
  }
  return strings.length === 0 ? undefined : strings;
}
