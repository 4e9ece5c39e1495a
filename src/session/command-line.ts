/** How the agent splits a command inside a container: words by blanks, quotes and backslashes as in a shell, no shell. */

/** Undefined when a quote is left open. */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === "'") {
      if (character === "'") quote = undefined;
      else word += character;
    } else if (character === "\\") {
      at += 1;
      const escaped = text.charAt(at);
      if (escaped === "") return undefined;
      const kept = quote === '"' && !['"', "\\", "$", "`"].includes(escaped) ? `\\${escaped}` : escaped;
      word = (word ?? "") + kept;
    } else if (quote === '"') {
      if (character === '"') quote = undefined;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
