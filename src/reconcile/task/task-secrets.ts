/**
 * Secrets of a task, read when its containers are made and kept nowhere: values of variables, log options and
 * registries. Reasons are those of stopped tasks (developer guide, "ResourceInitializationError"; on EC2 the Amazon ECS
 * agent's own).
 */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../lib/result.ts";
import { arn, parseArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import { findStored } from "../../store/secrets-manager.ts";
import { deniedAction, executionRoleOf, type TaskRoles } from "./execution-role.ts";
import { resourceInitialization, shortened } from "./reasons.ts";

/** The value, or the service's error: `ResourceNotFoundException: …`. `valueFrom` as ContainerDefinition has it. */
export type SecretReader = (scope: Scope, valueFrom: string) => Result<string, string>;

export interface SecretValues {
  readonly environment: Readonly<Record<string, string>>;
  readonly logOptions: Readonly<Record<string, string>>;
}

/** The failure is the task's stopped reason. */
export function secretsOf(
  roles: TaskRoles,
  read: SecretReader,
  container: wire.ContainerDefinition,
): Result<SecretValues, string> {
  const environment = valuesOf(roles, read, container.secrets ?? []);
  if (!environment.ok) return environment;
  const logOptions = valuesOf(roles, read, container.logConfiguration?.secretOptions ?? []);
  return logOptions.ok
    ? success({ environment: environment.value, logOptions: logOptions.value })
    : logOptions;
}

function valuesOf(
  roles: TaskRoles,
  read: SecretReader,
  secrets: readonly wire.Secret[],
): Result<Record<string, string>, string> {
  const values: Record<string, string> = {};
  for (const { name = "", valueFrom = "" } of secrets) {
    if (executionRoleOf(roles) === undefined) {
      return refuse(roles, noRole(isSecretsManager(valueFrom) ? "ASM secret" : "ssm secret"));
    }
    const found = readAs(roles, read, valueFrom);
    if (!found.ok) return failure(secretReason(roles, valueFrom, found.failure));
    values[name] = found.value;
  }
  return success(values);
}

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** Of a private registry: a secret of Secrets Manager, `{"username": …, "password": …}`. */
export function registryLogin(
  roles: TaskRoles,
  read: SecretReader,
  { credentialsParameter = "" }: wire.RepositoryCredentials,
): Result<RegistryLogin, string> {
  if (executionRoleOf(roles) === undefined) return refuseLogin(roles, noRole("asm"));
  const found = readAs(roles, read, credentialsParameter);
  if (!found.ok) {
    return refuseLogin(
      roles,
      `asm fetching secret from the service for ${credentialsParameter}: ${found.failure}`,
    );
  }
  const login = parseLogin(found.value);
  return typeof login === "string" ? refuseLogin(roles, login) : success(login);
}

/** The agent's words. Without this, whoever may run a task could read every secret. */
function noRole(resource: string): string {
  return `${resource} resource: unable to find execution role credentials`;
}

/** `onFargate` goes before the problem there. */
function refuse({ task }: TaskRoles, problem: string, onFargate = ""): Result<never, string> {
  return failure(
    task.launchType === "EC2"
      ? shortened(problem)
      : resourceInitialization(`${RETRIEVAL}: ${onFargate}${problem}`),
  );
}

function refuseLogin(roles: TaskRoles, problem: string): Result<never, string> {
  return refuse(
    roles,
    problem,
    "unable to get registry auth from asm: service call has been retried 1 time(s): ",
  );
}

/** A text is what is wrong with the secret, in the agent's words; what it holds is not told. */
function parseLogin(text: string): RegistryLogin | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "asm fetching authorization data: unable to unmarshal secret value, invalid schema";
  }
  const { username, password } = { username: "", password: "", ...(value as object | null) };
  if (typeof username !== "string" || typeof password !== "string") {
    return "asm fetching authorization data: unable to unmarshal secret value, invalid schema";
  }
  if (username === "") return "asm fetching username: AuthorizationData is malformed, empty field";
  if (password === "") return "asm fetching password: AuthorizationData is malformed, empty field";
  return { username, password };
}

function isSecretsManager(valueFrom: string): boolean {
  return parseArn(valueFrom)?.service === "secretsmanager";
}

/** As the execution role, which there is. */
function readAs(roles: TaskRoles, read: SecretReader, valueFrom: string): Result<string, string> {
  const denied = isSecretsManager(valueFrom)
    ? deniedAction(roles, "secretsmanager:GetSecretValue", wholeSecretArn(roles, valueFrom))
    : deniedAction(roles, "ssm:GetParameters", parameterArn(roles.task, valueFrom));
  if (denied !== undefined) return failure(`AccessDeniedException: ${denied}`);
  return read(roles.task, valueFrom);
}

/** Without the key, stage and version that may follow the name. */
function secretArn(valueFrom: string): string {
  return valueFrom.split(":").slice(0, 7).join(":");
}

/** With its random characters, which may be left out in a definition. */
function wholeSecretArn({ store, task }: TaskRoles, valueFrom: string): string {
  const secretId = secretArn(valueFrom);
  const { region = task.region } = parseArn(secretId) ?? {};
  return findStored(store, { account: task.account, region }, secretId)?.arn ?? secretId;
}

function parameterArn(scope: Scope, valueFrom: string): string {
  return parseArn(valueFrom) === undefined
    ? arn("ssm", scope, `parameter/${valueFrom.replace(/^\//, "")}`)
    : valueFrom;
}

const RETRIEVAL = "unable to pull secrets or registry auth: execution resource retrieval failed";

function secretReason({ task }: TaskRoles, valueFrom: string, problem: string): string {
  const isSecret = isSecretsManager(valueFrom);
  if (task.launchType === "EC2") {
    return shortened(
      isSecret
        ? agentSecretReason(valueFrom, problem)
        : `Fetching secret data from SSM Parameter Store in ${task.region}: ${problem}`,
    );
  }
  // Fargate's own agent names them otherwise than that of instances.
  const said = problem.replace(/^invalid parameters: /, "invalid ssm parameters: ");
  return resourceInitialization(
    isSecret
      ? `${RETRIEVAL}: unable to retrieve secret from asm: service call has been retried 1 time(s): ${
          isServiceError(problem) ? `failed to fetch secret ${valueFrom} from secrets manager: ` : ""
        }${problem}`
      : `${RETRIEVAL}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): ${said}`,
  );
}

/** And not the agent's own about what it asked for or got. */
function isServiceError(problem: string): boolean {
  return /^\w+Exception: /.test(problem);
}

function agentSecretReason(valueFrom: string, problem: string): string {
  if (!isServiceError(problem)) return problem;
  const secretId = secretArn(valueFrom);
  return problem.startsWith("ResourceNotFoundException")
    ? `ResourceNotFoundException: The task can't retrieve the secret with ARN '${secretId}' from AWS Secrets Manager. Check whether the secret exists in the specified Region: ${problem}`
    : `Secret ${secretId}: ${problem}`;
}
