/**
 * What an operation asks permission for: actions, resources and condition keys, as in the Service Authorization
 * Reference. An operation's own action is `<service>:<operation>` on `*` unless its rule says more.
 */

import type { Scope } from "../../model/scope.ts";
import type { Tag } from "../../model/tags.ts";
import type { OperationsOf } from "../../services/operation.ts";
import type { StoreReader } from "../../store/store.ts";

export interface CallFacts {
  readonly scope: Scope;
  readonly store: StoreReader;
  /** Where the caller is an IAM user. */
  readonly userName?: string | undefined;
}

/** Condition keys with their values; those without a value are left out of the request. */
export type Keys = Readonly<Record<string, string | boolean | number | readonly string[] | undefined>>;

export interface Asking {
  /** `iam:PassRole`. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  readonly keys?: Keys | undefined;
}

export interface ActionRule<Input> {
  /** Where it is not the operation's name. */
  readonly action?: string;
  /** ARNs; every one must be allowed. None: `*`. */
  readonly on?: (input: Input, call: CallFacts) => readonly string[];
  readonly keys?: (input: Input, call: CallFacts) => Keys;
  /** Tags that the request gives (`aws:RequestTag/…`, `aws:TagKeys`). */
  readonly tags?: (input: Input) => readonly Tag[];
  /** Keys of tags that the request takes away (`aws:TagKeys`). */
  readonly tagKeys?: (input: Input) => readonly string[];
  /** What must be allowed beside the action itself. */
  readonly also?: (input: Input, call: CallFacts) => readonly Asking[];
  /** How the refusal names the resource, where it is not the ARN. */
  readonly shown?: (input: Input) => string;
  /** Nobody is refused it. */
  readonly open?: boolean;
  /** The handler itself decides, by the resource's own policy. */
  readonly byHandler?: boolean;
}

/** Every operation of a service's SDK by its API name. */
export type ActionRules<Sdk> = {
  readonly [Name in keyof OperationsOf<Sdk>]?: OperationsOf<Sdk>[Name] extends (
    input: infer Input,
    context: never,
  ) => unknown
    ? ActionRule<Input>
    : never;
};

/** A service's rules with the types of their inputs taken off. */
export type AnyActionRules = Readonly<Record<string, ActionRule<never>>>;

/** No resource-level permission. */
export const ANY = {};

interface WireTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

/** Tags in either spelling. */
export function tagList(tags: readonly WireTag[] | undefined): Tag[] {
  return (tags ?? []).flatMap((tag) => {
    const key = tag.Key ?? tag.key;
    return key === undefined ? [] : [{ key, value: tag.Value ?? tag.value ?? "" }];
  });
}

export function tagMap(tags: Readonly<Record<string, string>> | undefined): Tag[] {
  return Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
}

export function regional(service: string, { scope }: Pick<CallFacts, "scope">, resource: string): string {
  return `arn:aws:${service}:${scope.region}:${scope.account}:${resource}`;
}

/** What is an ARN stays; `name` becomes `<prefix><name>`. */
export function arnOr(text: string, make: (name: string) => string): string {
  return text.startsWith("arn:") ? text : make(text);
}

/** The roles as `iam:PassRole` asks for them; names and absent ones ask nothing. */
export function passing(roleArns: readonly (string | undefined)[], service: string): Asking[] {
  const arns = new Set(roleArns.filter((arn) => arn?.startsWith("arn:")));
  return [...arns].flatMap((arn) =>
    arn === undefined
      ? []
      : [{ action: "iam:PassRole", resource: arn, keys: { "iam:PassedToService": service } }],
  );
}
