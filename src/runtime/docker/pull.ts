/** Pulling images: what is asked of the engine, and which of its answers mean what. */
import type Docker from "dockerode";
import { failure, type Result, success } from "../../lib/result.ts";
import type { PulledImage, RuntimeFailure } from "../container-runtime.ts";
import { finishProgress, isGone, readEngineError, toFailure } from "./connection.ts";

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Always asks the registry. Where that fails and the engine has an image of that name, such as one that was built
 * on this machine, it is taken (Amazon ECS agent, ECS_IMAGE_PULL_BEHAVIOR `default`), unless it was deleted from the
 * registry.
 */
export async function pullImage(
  docker: Docker,
  reference: string,
  credentials: RegistryCredentials | undefined,
): Promise<Result<PulledImage, RuntimeFailure>> {
  const tagged = withTag(reference);
  const problem = await pullFromRegistry(docker, tagged, credentials);
  if (problem?.kind === "engine-unreachable") return failure(problem);
  try {
    const image = await docker.getImage(tagged).inspect();
    const digest = digestOf(tagged, image.RepoDigests ?? []);
    // It came from that registry once, and the registry says that it is there no more.
    if (problem?.kind === "image-not-found" && digest !== undefined) return failure(problem);
    return success({ imageId: image.Id, digest });
  } catch (error) {
    if (problem !== undefined && isGone(error)) return failure(problem);
    return failure(toFailure("image-pull-failed", error));
  }
}

async function pullFromRegistry(
  docker: Docker,
  reference: string,
  credentials: RegistryCredentials | undefined,
): Promise<RuntimeFailure | undefined> {
  try {
    const progress = await docker.pull(
      reference,
      credentials === undefined ? {} : { authconfig: credentials },
    );
    await finishProgress(docker, progress);
    return undefined;
  } catch (error) {
    const problem = toFailure("image-pull-failed", error);
    const { statusCode, message } = readEngineError(error);
    const absent = statusCode === 404 || /manifest unknown|not found|pull access denied/i.test(message);
    return absent && problem.kind !== "engine-unreachable" ? { kind: "image-not-found", message } : problem;
  }
}

/** The engine takes a name without a tag as "all tags". */
export function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") || reference.includes("@") ? reference : `${reference}:latest`;
}

export function digestOf(reference: string, repositoryDigests: readonly string[]): string | undefined {
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const short = repository.replace(/^(docker\.io\/)?(library\/)?/, "");
  const match = repositoryDigests.find((entry) => {
    const [name = ""] = entry.split("@");
    return name === repository || name === short;
  });
  return match?.split("@")[1];
}
