/** Domain names as Route 53 keeps and shows them ("DNS domain name format" in its developer guide). */

/**
 * Lower case, with the trailing dot, escapes resolved (`\052` is `*`). A dot or backslash inside a label stays
 * escaped, so that labels can be told apart.
 */
export function normaliseName(text: string): string {
  const unescaped = text.toLowerCase().replace(/\\([0-3][0-7]{2})/g, (sequence, octal: string) => {
    const code = Number.parseInt(octal, 8);
    return code === 0x2e || code === 0x5c ? sequence : String.fromCharCode(code).toLowerCase();
  });
  return unescaped.endsWith(".") ? unescaped : `${unescaped}.`;
}

/** As the API returns names: everything but letters, digits, `-`, `_` and dots as `\ooo`. */
export function escapeName(name: string): string {
  return name.replace(/\\[0-3][0-7]{2}|[^a-z0-9\-_.]/g, (character) =>
    character.length > 1 ? character : `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

/** Route 53's order: labels from the right with a dot after each, `com.example.www.`, as ASCII. */
export function compareNames(a: string, b: string): number {
  const left = sortKey(a);
  const right = sortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(name: string): string {
  return `${name.split(".").filter(Boolean).reverse().join(".")}.`;
}

export function liesInZone(name: string, zoneName: string): boolean {
  return zoneName === "." || name === zoneName || name.endsWith(`.${zoneName}`);
}

/**
 * What is wrong with a name, in Route 53's words; undefined when nothing is. `shown` is the text as it was sent.
 */
export function nameFault(shown: string): string | undefined {
  const problem = (code: string, words: string, culprit = shown) =>
    `FATAL problem: ${code} (${words}) encountered with '${culprit}'`;
  const unsupported = [...shown].find((character) => character <= " " || character > "\u00ff");
  if (unsupported !== undefined) {
    return problem("UnsupportedCharacter", "Value contains unsupported characters", unsupported);
  }
  const labels = normaliseName(shown).slice(0, -1).split(".");
  if (labels.some((label) => label === "")) return problem("DomainLabelEmpty", "Domain label is empty");
  if (labels.some((label) => label.length > 63))
    return problem("DomainLabelTooLong", "Domain label is too long");
  if (labels.join(".").length > 253) return problem("DomainNameTooLong", "Domain name is too long");
  return undefined;
}
