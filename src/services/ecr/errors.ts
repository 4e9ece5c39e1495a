/** Every error that ECR answers with: one function a message. */
import * as wire from "@aws-sdk/client-ecr";
import type { Repository } from "../../model/ecr/records.ts";

const $metadata = {};

/** ECR's own form of refusing values. */
export function invalidValue(path: string, requirement: string): Error {
  return invalidParameter(`Invalid parameter at '${path}' failed to satisfy constraint: '${requirement}'`);
}

export function invalidParameter(message: string): Error {
  return new wire.InvalidParameterException({ message, $metadata });
}

export function repositoryNotFound(name: string, registryId: string): Error {
  return new wire.RepositoryNotFoundException({
    message: `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
    $metadata,
  });
}

export function repositoryExists({ repositoryName, account }: Repository): Error {
  return new wire.RepositoryAlreadyExistsException({
    message: `The repository with name '${repositoryName}' already exists in the registry with id '${account}'`,
    $metadata,
  });
}

export function repositoryNotEmpty({ repositoryName, account }: Repository): Error {
  return new wire.RepositoryNotEmptyException({
    message: `The repository with name '${repositoryName}' in registry with id '${account}' cannot be deleted because it still contains images`,
    $metadata,
  });
}

export function lifecyclePolicyNotFound({ repositoryName, account }: Repository): Error {
  return new wire.LifecyclePolicyNotFoundException({
    message: `Lifecycle policy does not exist for the repository with name '${repositoryName}' in the registry with id '${account}'`,
    $metadata,
  });
}

export function repositoryPolicyNotFound({ repositoryName, account }: Repository): Error {
  return new wire.RepositoryPolicyNotFoundException({
    message: `Repository policy does not exist for the repository with name '${repositoryName}' in the registry with id '${account}'`,
    $metadata,
  });
}

/** `id` as ECR prints it: `{imageDigest:'null', imageTag:'x'}`. */
export function imageNotFound(id: wire.ImageIdentifier, { repositoryName, account }: Repository): Error {
  const shown = `{imageDigest:'${id.imageDigest ?? "null"}', imageTag:'${id.imageTag ?? "null"}'}`;
  return new wire.ImageNotFoundException({
    message: `The image with imageId ${shown} does not exist within the repository with name '${repositoryName}' in the registry with id '${account}'`,
    $metadata,
  });
}

export function imageExists(digest: string, tag: string | undefined, repository: Repository): Error {
  return new wire.ImageAlreadyExistsException({
    message: `Image with digest '${digest}' and tag '${tag ?? "null"}' already exists in the repository with name '${repository.repositoryName}' in registry with id '${repository.account}'`,
    $metadata,
  });
}

export function tagExists(tag: string, { repositoryName }: Repository): Error {
  return new wire.ImageTagAlreadyExistsException({
    message: `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`,
    $metadata,
  });
}

export function layersNotFound(digests: readonly string[], { repositoryName, account }: Repository): Error {
  return new wire.LayersNotFoundException({
    message: `Layers with digests '[${digests.join(", ")}]' required for pushing image into repository with name '${repositoryName}' in the registry with id '${account}' do not exist`,
    $metadata,
  });
}

export function digestDoesNotMatch(given: string, computed: string): Error {
  return new wire.ImageDigestDoesNotMatchException({
    message: `The provided digest '${given}' does not match the digest '${computed}' of the image manifest`,
    $metadata,
  });
}

export function tooManyTags(): Error {
  return new wire.TooManyTagsException({
    message: "The list of tags on the repository is over the limit of 50 tags.",
    $metadata,
  });
}

export function invalidTag(message: string): Error {
  return new wire.InvalidTagParameterException({ message, $metadata });
}
