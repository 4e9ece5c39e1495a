/**
 * The texts with which AWS's service framework refuses a value that breaks a constraint of the model, before the
 * service itself looks at it. Which error code carries them differs by service.
 */
export function constraintViolation(value: unknown, path: string, requirement: string): string {
  const shown = value === null || value === undefined ? "null" : `'${String(value)}'`;
  return `1 validation error detected: Value ${shown} at '${path}' failed to satisfy constraint: ${requirement}`;
}

export function enumRequirement(allowed: readonly string[]): string {
  return `Member must satisfy enum value set: [${allowed.join(", ")}]`;
}

/** What a number outside `minimum`…`maximum` breaks; undefined when it breaks nothing. */
export function rangeRequirement(value: number, minimum: number, maximum: number): string | undefined {
  if (value < minimum) return `Member must have value greater than or equal to ${minimum}`;
  if (value > maximum) return `Member must have value less than or equal to ${maximum}`;
  return undefined;
}

/** What a text or list of the wrong length breaks; undefined when it breaks nothing. */
export function lengthRequirement(length: number, minimum: number, maximum: number): string | undefined {
  if (length < minimum) return `Member must have length greater than or equal to ${minimum}`;
  if (length > maximum) return `Member must have length less than or equal to ${maximum}`;
  return undefined;
}

export function patternRequirement(pattern: string): string {
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

export const NOT_NULL = "Member must not be null";

/** `LoadBalancerArn` becomes `loadBalancerArn`, as paths in these texts are written. */
export function memberPath(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1);
}
