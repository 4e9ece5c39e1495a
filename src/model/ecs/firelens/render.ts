/** A router's configuration in the words of Fluent Bit and of Fluentd. Pure. */

export interface Plugin {
  readonly name: string;
  readonly tag?: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** Keeps or drops records by what a container printed, their `log`. */
export interface PatternFilter {
  readonly tag: string;
  readonly expression: string;
}

export interface RouterFile {
  readonly inputs: readonly Plugin[];
  readonly includeFilters: PatternFilter[];
  readonly excludeFilters: PatternFilter[];
  /** Added to every record. */
  readonly fields: { readonly tag: string; readonly values: Readonly<Record<string, string>> };
  /** A file's path. */
  readonly include: string | undefined;
  readonly outputs: Plugin[];
}

export function renderFluentBit(file: RouterFile): string {
  const pattern = (word: string) => (filter: PatternFilter) =>
    `[FILTER]\n    Name   grep\n    Match ${filter.tag}\n    ${word} log ${filter.expression}\n`;
  return sections([
    ...file.inputs.map(
      ({ name, tag, options }) =>
        `[INPUT]\n    Name ${name}\n${tag === undefined ? "" : `    Tag ${tag}\n`}${lines(options)}`,
    ),
    ...file.includeFilters.map(pattern("Regex ")),
    ...file.excludeFilters.map(pattern("Exclude")),
    ...added(file, (tag, values) => {
      const records = Object.fromEntries(
        Object.entries(values).map(([key, value]) => [`Record ${key}`, value]),
      );
      return `[FILTER]\n    Name record_modifier\n    Match ${tag}\n${lines(records)}`;
    }),
    ...(file.include === undefined ? [] : [`@INCLUDE ${file.include}\n`]),
    ...file.outputs.map(
      ({ name, tag, options }) => `[OUTPUT]\n    Name ${name}\n    Match ${tag}\n${lines(options)}`,
    ),
  ]);
}

export function renderFluentd(file: RouterFile): string {
  const pattern = (word: string) => (filter: PatternFilter) =>
    `<filter ${filter.tag}>\n    @type  grep\n    <${word}>\n        key log\n        pattern ${filter.expression}\n    </${word}>\n</filter>\n`;
  return sections([
    ...file.inputs.map(
      ({ name, tag, options }) =>
        `<source>\n    @type ${name}\n${tag === undefined ? "" : `    tag ${tag}\n`}${lines(options)}</source>\n`,
    ),
    ...file.includeFilters.map(pattern("regexp")),
    ...file.excludeFilters.map(pattern("exclude")),
    ...added(
      file,
      (tag, values) =>
        `<filter ${tag}>\n    @type record_transformer\n    <record>\n${lines(values, 8)}    </record>\n</filter>\n`,
    ),
    ...(file.include === undefined ? [] : [`@include ${file.include}\n`]),
    ...file.outputs.map(
      ({ name, tag, options }) => `<match ${tag}>\n    @type ${name}\n${lines(options)}</match>\n`,
    ),
  ]);
}

function added(
  { fields: { tag, values } }: RouterFile,
  render: (tag: string, values: Readonly<Record<string, string>>) => string,
): string[] {
  return Object.keys(values).length === 0 ? [] : [render(tag, values)];
}

/** The agent's file begins with an empty line, and has one between sections. */
function sections(texts: readonly string[]): string {
  return texts.map((text) => `\n${text}`).join("");
}

/** In the order of their names, byte by byte. */
function lines(options: Readonly<Record<string, string>>, indent = 4): string {
  return Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${" ".repeat(indent)}${key} ${value}\n`)
    .join("");
}
