/** The repository's text, and the little of TypeScript's syntax that the house rules need. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SKIPPED_FOLDERS = new Set(["node_modules", ".git", ".terraform", ".berth"]);

/** Every file below the folders (or the files themselves) whose name ends so, in the order of their paths. */
export function readTree(places: readonly string[], ends: readonly string[]): SourceFile[] {
  return places
    .flatMap((place) => listFiles(join(ROOT, place)))
    .map((file) => relative(ROOT, file))
    .filter((path) => ends.some((end) => path.endsWith(end)))
    .sort()
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(ROOT, path), "utf8") }];
      } catch {
        // Renamed or deleted since it was listed.
        return [];
      }
    });
}

function listFiles(place: string): string[] {
  try {
    return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
      const path = join(place, entry.name);
      if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(path);
      return entry.isFile() ? [path] : [];
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return [place];
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Tests, and what only tests use. */
export function isTestCode(path: string): boolean {
  return (
    path.startsWith("test/") ||
    path.endsWith(".test.ts") ||
    /(^|\/)(testing|test-support)(\.ts|\/)/.test(path)
  );
}

/**
 * The code with comments and the insides of strings, templates and regular expressions blanked: same length, same
 * lines, quotes kept. Code within a template's `${…}` is blanked too.
 */
export function maskCode(text: string): string {
  let masked = "";
  let at = 0;
  while (at < text.length) {
    const end = endOfToken(text, at, masked);
    if (end === undefined) {
      masked += text.charAt(at);
      at++;
      continue;
    }
    const token = text.slice(at, end);
    const quote = /^["'`]/.test(token) ? token.charAt(0) : "";
    const inside = quote === "" ? token : token.slice(1, -1);
    masked += quote + inside.replace(/[^\n]/g, " ") + quote;
    at = end;
  }
  return masked;
}

/** Where the comment or literal that starts here ends; undefined when none starts here. */
function endOfToken(text: string, at: number, before: string): number | undefined {
  const two = text.slice(at, at + 2);
  if (two === "//") return indexOr(text, "\n", at);
  if (two === "/*") return indexOr(text, "*/", at + 2) + 2;
  const character = text.charAt(at);
  if (character === '"' || character === "'") return endOfQuoted(text, at);
  if (character === "`") return endOfTemplate(text, at);
  if (character === "/" && /(?:^|[(,=:[!&|?{};>]|\breturn)\s*$/.test(before.slice(-200))) {
    return endOfRegularExpression(text, at);
  }
  return undefined;
}

function indexOr(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index < 0 ? text.length : index;
}

function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start] || text[at] === "\n") return at + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
    else if (text.slice(at, at + 2) === "${") at = endOfSubstitution(text, at + 2);
  }
  return text.length;
}

/** The index of the brace that closes it. */
function endOfSubstitution(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === "`") at = endOfTemplate(text, at) - 1;
    else if (character === '"' || character === "'") at = endOfQuoted(text, at) - 1;
    else if (character === "{") depth++;
    else if (character === "}" && depth-- === 0) return at;
  }
  return text.length;
}

function endOfRegularExpression(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return at + 1;
  }
  // A division after all.
  return start + 1;
}

/** What a file imports, as written: static, dynamic and for effect, values and types alike. */
export function importsOf(file: SourceFile): string[] {
  const masked = maskCode(file.text);
  const found: string[] = [];
  for (const match of masked.matchAll(/\b(?:from|import)\s*\(?\s*(["'])( *)\1/g)) {
    const end = match.index + match[0].length - 1;
    found.push(file.text.slice(end - (match[2] ?? "").length, end));
  }
  return found;
}

/** 1-based. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
