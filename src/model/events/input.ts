/** What a target gets of an event (EventBridge user guide, "Amazon EventBridge input transformation"). */
import type * as wire from "@aws-sdk/client-eventbridge";
import type { Event } from "./records.ts";

/** The text that a target receives. */
export function targetInput(target: wire.Target, event: Event, ruleArn: string): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) {
    return JSON.stringify(pathValue(event, target.InputPath) ?? null);
  }
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate = "" } = target.InputTransformer;
  return transformed(InputTemplate, InputPathsMap, event, ruleArn);
}

/** Of a template, each as often as it is there. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(/<([^<>]+)>/g)].map((match) => match[1] ?? "");
}

/** Of a template that makes a JSON object; undefined when it makes none. */
export function templateKeys(template: string): string[] | undefined {
  const filled = template.replace(/<([^<>]+)>/g, (_, _name, at: number) =>
    isInsideText(template, at) ? "" : "null",
  );
  try {
    const value: unknown = JSON.parse(filled);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return undefined;
  }
}

/** `$`, `$.detail`, `$.detail.containers[0].name`; undefined when nothing is there. */
export function pathValue(event: object, path: string): unknown {
  let value: unknown = event;
  if (!path.startsWith("$")) return undefined;
  for (const match of path.slice(1).matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)) {
    const key = match[1] ?? match[2] ?? match[3] ?? "";
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** In a JSON template a variable within quotes is part of that text; anywhere else it is a value of its own. */
function transformed(
  template: string,
  paths: Readonly<Record<string, string>>,
  event: Event,
  ruleArn: string,
): string {
  const variableValue = (name: string): unknown => {
    switch (name) {
      case "aws.events.rule-arn":
        return ruleArn;
      case "aws.events.rule-name":
        return ruleArn.split("/").at(-1);
      case "aws.events.event.ingestion-time":
        return event.time;
      case "aws.events.event":
        return withoutDetail(event);
      case "aws.events.event.json":
        return event;
      default:
        return paths[name] === undefined ? undefined : pathValue(event, paths[name]);
    }
  };
  const json = /^\s*[{["]/.test(template);
  return template.replace(/<([^<>]+)>/g, (_, name: string, at: number) => {
    const value = variableValue(name);
    const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
    if (!json) return text;
    return isInsideText(template, at) ? escapedText(text) : JSON.stringify(value ?? "");
  });
}

/** In the order, and by the names, that EventBridge gives it. */
function withoutDetail(event: Event): object {
  const { id, account, time, source, region, resources, version } = event;
  return { id, account, detailType: event["detail-type"], time, source, region, resources, version };
}

/** Within a text of a JSON template: an odd number of quotes comes before it. */
function isInsideText(template: string, at: number): boolean {
  return (template.slice(0, at).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
}

/** As it is between the quotes of a JSON text. */
function escapedText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
