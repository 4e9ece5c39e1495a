import { validationError } from "./errors.ts";

const LONGEST_NAME = 32;

/** Throws ValidationError unless the name follows CreateLoadBalancer's rules. */
export function checkLoadBalancerName(name: string): void {
  const subject = `The load balancer name '${name}'`;
  checkName(name, subject);
  if (name.startsWith("internal-")) throw validationError(`${subject} cannot begin with 'internal-'`);
}

/** Throws ValidationError unless the name follows CreateTargetGroup's rules. */
export function checkTargetGroupName(name: string): void {
  checkName(name, `Target group name '${name}'`);
}

function checkName(name: string, subject: string): void {
  if (name.length > LONGEST_NAME) {
    throw validationError(`${subject} cannot be longer than '${LONGEST_NAME}' characters`);
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `${subject} can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  }
  if (name.startsWith("-") || name.endsWith("-")) {
    throw validationError(`${subject} cannot begin or end with '-'`);
  }
}
