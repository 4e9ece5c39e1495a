/**
 * What a shell script does to files of a simulated machine: the ways in which user data writes `/etc/ecs/ecs.config`
 * (`echo`, `printf`, here documents with `cat` or `tee`, `>` and `>>`), variables, and `cat` to show a file. All other
 * commands succeed and do nothing.
 */
export type MachineFiles = Map<string, string>;

const AGENT_CONFIGURATION = "/etc/ecs/ecs.config";

export function newMachineFiles(): MachineFiles {
  return new Map([[AGENT_CONFIGURATION, ""]]);
}

interface Program {
  readonly arguments: readonly string[];
  readonly input?: string | undefined;
}

export function runScript(
  files: MachineFiles,
  program: Program,
): { readonly exitCode: number; readonly output: string } {
  const [command = "", ...rest] = program.arguments;
  const at = rest.findIndex((argument) => /^-[a-z]*c$/.test(argument));
  const scripts = isShell(command)
    ? [...(at < 0 ? [] : [rest[at + 1] ?? ""]), ...(program.input === undefined ? [] : [program.input])]
    : [program.arguments.join(" ")];
  const shell = new Shell(files);
  for (const script of scripts) shell.run(script);
  return { exitCode: 0, output: shell.output };
}

function isShell(command: string): boolean {
  return /(^|\/)(ba|a)?sh$/.test(command);
}

class Shell {
  output = "";
  readonly #files: MachineFiles;
  readonly #variables = new Map<string, string>();

  constructor(files: MachineFiles) {
    this.#files = files;
  }

  run(script: string): void {
    const lines = script.replaceAll("\\\n", " ").split("\n");
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      const here = /<<(-?)\s*(["']?)\\?([A-Za-z_][A-Za-z0-9_]*)\2/.exec(line);
      const document = here === null ? undefined : this.#takeDocument(lines, here);
      const command = here === null ? line : line.replace(here[0], "");
      for (const part of splitCommands(command)) this.#command(part, document);
    }
  }

  #takeDocument(lines: string[], [, dash, quote, word]: RegExpExecArray): string {
    let text = "";
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      const given = dash === "-" ? line.replace(/^\t+/, "") : line;
      if (given === word) break;
      text += `${quote === "" ? this.#expand(given) : given}\n`;
    }
    return text;
  }

  #command(command: string, document: string | undefined): void {
    const words = this.#words(command.replace(/^\s*(sudo\s+)?/, ""));
    const [name = ""] = words;
    const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=/.exec(words.slice(0, 2).join(" "));
    if (assignment !== null && words.length <= (name === "export" ? 2 : 1)) {
      this.#variables.set(assignment[1] ?? "", words.at(-1)?.replace(/^[^=]*=/, "") ?? "");
      return;
    }
    const nested = words.indexOf("-c");
    if (isShell(name) && nested > 0) {
      this.run(words[nested + 1] ?? "");
      return;
    }
    const redirection = words.findIndex((word) => word === ">" || word === ">>");
    const tee = words.indexOf("tee");
    const input = document ?? "";
    const to = redirection < 0 ? undefined : words[redirection + 1];
    const producer = words.slice(
      0,
      [redirection, words.indexOf("|")].filter((at) => at >= 0).sort((a, b) => a - b)[0],
    );
    const text = tee === 0 ? input : this.#produce(producer, input);
    if (tee >= 0) {
      const target = words.slice(tee + 1).find((word) => word.startsWith("/"));
      this.#write(target, text, words.includes("-a"));
    } else if (redirection >= 0) {
      this.#write(to, text, words[redirection] === ">>");
    } else {
      this.output += text;
    }
  }

  #produce([name = "", ...args]: readonly string[], input: string): string {
    if (name === "echo") {
      const flags = args.findIndex((argument) => !/^-[neE]+$/.test(argument));
      const options = (flags < 0 ? args : args.slice(0, flags)).join("");
      const text = args.slice(flags < 0 ? args.length : flags).join(" ");
      return (options.includes("e") ? withEscapes(text) : text) + (options.includes("n") ? "" : "\n");
    }
    if (name === "printf") return printf(args);
    if (name !== "cat") return "";
    const paths = args.filter((argument) => !argument.startsWith("-"));
    return paths.length === 0 ? input : paths.map((path) => this.#files.get(path) ?? "").join("");
  }

  #write(path: string | undefined, text: string, append: boolean): void {
    if (path === undefined) return;
    this.#files.set(path, (append ? (this.#files.get(path) ?? "") : "") + text);
  }

  #expand(text: string): string {
    return text.replace(
      /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g,
      (_whole, braced: string | undefined, bare: string | undefined) =>
        this.#variables.get(braced ?? bare ?? "") ?? "",
    );
  }

  /** Quotes taken away, variables put in; `>`, `>>` and `|` are words of their own. */
  #words(command: string): string[] {
    const words: string[] = [];
    let word: string | undefined;
    const token = /'([^']*)'|"((?:[^"\\]|\\.)*)"|(>>|>|\|)|(\s+)|\\(.)|([^\s'"\\|>]+)/gs;
    const end = () => {
      if (word !== undefined) words.push(word);
      word = undefined;
    };
    for (const [, single, double, operator, space, escaped, plain] of command.matchAll(token)) {
      if (operator !== undefined || space !== undefined) end();
      if (operator !== undefined) words.push(operator);
      if (single !== undefined) word = (word ?? "") + single;
      if (double !== undefined) word = (word ?? "") + this.#expand(double.replace(/\\(["\\$`])/g, "$1"));
      if (escaped !== undefined) word = (word ?? "") + escaped;
      if (plain !== undefined) word = (word ?? "") + this.#expand(plain);
    }
    end();
    return words;
  }
}

/** At `;`, `&&` and `||` outside of quotes; braces of a group and comments fall away. */
function splitCommands(line: string): string[] {
  if (/^\s*#/.test(line)) return [];
  const group = /^\s*\{(.*)\}\s*(>>?\s*\S+)\s*$/.exec(line);
  if (group !== null) {
    const inner = splitCommands(group[1] ?? "");
    return inner.map(
      (command, index) => `${command} ${index === 0 ? group[2] : group[2]?.replace(/^>(?!>)/, ">>")}`,
    );
  }
  return [...line.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^;&|'"\\]|\|(?!\|)|&(?!&))+/g)]
    .map(([command]) => command.trim())
    .filter((command) => command !== "");
}

function withEscapes(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\t", "\t").replaceAll("\\\\", "\\");
}

/** The format is used again as long as there are arguments. */
function printf([format = "", ...args]: readonly string[]): string {
  const rest = [...args];
  let text = "";
  do {
    text += withEscapes(format).replace(/%[sdb%]/g, (mark) => (mark === "%%" ? "%" : (rest.shift() ?? "")));
  } while (rest.length > 0 && /%[sdb]/.test(format));
  return text;
}
