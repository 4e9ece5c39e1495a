/** What a `#cloud-config` asks for, as far as it is carried out (cloud-init documentation, "Module reference"). Pure. */
import { gunzipSync } from "node:zlib";
import { parseYaml, YamlError, type YamlMap, type YamlValue } from "./yaml.ts";

export interface CloudConfig {
  /** In the order in which cloud-init runs its modules. */
  readonly bootcmd: readonly string[];
  readonly writeFiles: readonly FileToWrite[];
  /** Lines of the script that `runcmd` becomes. */
  readonly runcmd: readonly string[];
  /** Keys that nothing is done about. */
  readonly unsupported: readonly string[];
}

export interface FileToWrite {
  readonly path: string;
  readonly body: Buffer;
  /** For example `0644`. */
  readonly mode: string;
  /** `root:root`. */
  readonly owner: string | undefined;
  readonly append: boolean;
}

const NOTHING: CloudConfig = { bootcmd: [], writeFiles: [], runcmd: [], unsupported: [] };

/** The fault is cloud-init's warning. */
export function readCloudConfig(text: string): {
  readonly config: CloudConfig;
  readonly fault?: string | undefined;
} {
  try {
    const read = parseYaml(text);
    if (read === null) return { config: NOTHING };
    if (!isMap(read))
      return {
        config: NOTHING,
        fault:
          "Failed loading yaml blob. Yaml load allows (<class 'dict'>,) root types, but got another instead",
      };
    return { config: configOf(read) };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return { config: NOTHING, fault: `Failed loading yaml blob. Invalid format at ${error.message}` };
  }
}

function configOf(read: YamlMap): CloudConfig {
  const { bootcmd, runcmd, write_files: files, ...others } = read;
  return {
    bootcmd: listOf(bootcmd).flatMap(commandLine),
    writeFiles: listOf(files).flatMap(fileOf),
    runcmd: listOf(runcmd).flatMap(commandLine),
    unsupported: Object.keys(others),
  };
}

/** A list is one command with its arguments; text is for the shell. */
function commandLine(command: YamlValue): string[] {
  if (isList(command)) return [command.map((word) => quote(scalarText(word))).join(" ")];
  return isMap(command) || command === null ? [] : [scalarText(command)];
}

function fileOf(entry: YamlValue): FileToWrite[] {
  if (!isMap(entry) || typeof entry["path"] !== "string") return [];
  const { path, content = "", permissions, owner, append, encoding } = entry;
  const mode = permissions === undefined ? "0644" : scalarText(permissions);
  return [
    {
      path,
      body: decode(scalarText(content), encoding),
      mode: /^[0-7]{3,5}$/.test(mode) ? mode : "0644",
      owner: typeof owner === "string" && owner !== "root:root" ? owner : undefined,
      append: append === true,
    },
  ];
}

function decode(content: string, encoding: YamlValue | undefined): Buffer {
  const name = typeof encoding === "string" ? encoding.toLowerCase() : "text/plain";
  const bytes = /b64|base64/.test(name) ? Buffer.from(content, "base64") : Buffer.from(content, "utf8");
  if (!/^(?:gz|gzip)/.test(name)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    return bytes;
  }
}

export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function scalarText(value: YamlValue): string {
  return value === null ? "" : String(value);
}

function listOf(value: YamlValue | undefined): readonly YamlValue[] {
  return value !== undefined && isList(value) ? value : [];
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
