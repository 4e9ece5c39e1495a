/** Attribute lists of load balancers, target groups and listeners: reading and showing them. */
import { type Attribute, attributeProblem } from "../../model/elb/attributes.ts";
import { checkLength, requireList, requireMember } from "./constraints.ts";
import { invalidConfiguration, validationError } from "./errors.ts";

interface WireAttribute {
  Key?: string | undefined;
  Value?: string | undefined;
}

export interface AttributeSubject {
  /** `Load balancer`, `Target group` or `Listener`. */
  readonly noun: string;
  readonly attributes: readonly Attribute[];
  /** Whether another kind of this resource has the key. */
  isKnown(key: string): boolean;
  /** For example `load balancers with type 'network'`. */
  readonly unsupportedBy: string;
  /** How many may be changed at once. */
  readonly most?: number;
}

/**
 * The changed values by key. Throws ValidationError for keys and values that are not valid, and
 * InvalidConfigurationRequest for keys that this kind of resource does not have.
 */
export function readAttributes(
  changes: readonly WireAttribute[] | undefined,
  subject: AttributeSubject,
): Record<string, string> {
  const list = requireList(changes, "attributes");
  if (subject.most !== undefined && list.length > subject.most) {
    throw validationError(
      `1 validation error detected: Value at 'attributes' failed to satisfy constraint: Member must have length less than or equal to ${subject.most}`,
    );
  }
  const result: Record<string, string> = {};
  for (const [index, change] of list.entries()) {
    const path = `attributes.${index + 1}.member`;
    const key = requireMember(change.Key, `${path}.key`);
    const value = change.Value ?? "";
    checkLength(key, `${path}.key`, 0, 256);
    checkLength(value, `${path}.value`, 0, 1024);
    const attribute = subject.attributes.find((candidate) => candidate.key === key);
    if (attribute === undefined) throw unknownKey(key, subject);
    const problem = attributeProblem(attribute, value);
    if (problem !== undefined) throw validationError(problem);
    if (key in result)
      throw validationError(`${subject.noun} attribute key '${key}' was specified more than once`);
    result[key] = value;
  }
  return result;
}

function unknownKey(key: string, subject: AttributeSubject): Error {
  if (!subject.isKnown(key))
    return validationError(`${subject.noun} attribute key '${key}' is not recognized`);
  return invalidConfiguration(
    `${subject.noun} attribute key '${key}' is not supported on ${subject.unsupportedBy}`,
  );
}

/** Every attribute that the resource has, with its value or the initial one. */
export function describeAttributes(
  attributes: readonly Attribute[],
  values: Readonly<Record<string, string>>,
): { Key: string; Value: string }[] {
  return attributes.map(({ key, initial }) => ({ Key: key, Value: values[key] ?? initial }));
}
