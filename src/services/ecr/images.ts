/** Images of repositories: what they are, tags, deletion. */
import type * as wire from "@aws-sdk/client-ecr";
import { readManifest } from "../../model/ecr/manifest.ts";
import type { Image, Repository } from "../../model/ecr/records.ts";
import { blobsOf, findImage, putImage as storeImage } from "../../store/images.ts";
import { images } from "../../store/tables/ecr.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import {
  digestDoesNotMatch,
  imageExists,
  imageNotFound,
  invalidValue,
  layersNotFound,
  tagExists,
} from "./errors.ts";
import { invalidToken, readLimit, requireRepository } from "./resolve.ts";

const MOST_IMAGE_IDS = 100;

function imagesOf(context: HandlerContext, repository: Repository, status: string | undefined): Image[] {
  return context.store.where(images, "repository", repository.arn).filter(({ imageTags }) => {
    if (status === "TAGGED") return imageTags.length > 0;
    return status === "UNTAGGED" ? imageTags.length === 0 : true;
  });
}

/** By digest, by tag, or by both when they agree. */
function findByIdentifier(
  context: HandlerContext,
  repository: Repository,
  id: wire.ImageIdentifier,
): Image | wire.ImageFailure {
  const { imageDigest, imageTag } = id;
  const reference = imageDigest ?? imageTag;
  if (reference === undefined) {
    return {
      imageId: id,
      failureCode: "MissingDigestAndTag",
      failureReason: "Invalid request parameters: both tag and digest cannot be null",
    };
  }
  if (imageDigest !== undefined && !/^sha256:[0-9a-f]{64}$/i.test(imageDigest)) {
    return {
      imageId: id,
      failureCode: "InvalidImageDigest",
      failureReason:
        "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    };
  }
  const image = findImage(context.store, repository, reference);
  if (image === undefined) {
    return { imageId: id, failureCode: "ImageNotFound", failureReason: "Requested image not found" };
  }
  if (imageTag !== undefined && !image.imageTags.includes(imageTag)) {
    return {
      imageId: id,
      failureCode: "ImageTagDoesNotMatchDigest",
      failureReason: "Given image tag does not match the given image digest",
    };
  }
  return image;
}

function isImage(found: Image | wire.ImageFailure): found is Image {
  return "digest" in found;
}

function requireImageIds(ids: wire.ImageIdentifier[] | undefined): wire.ImageIdentifier[] {
  if (ids === undefined || ids.length < 1 || ids.length > MOST_IMAGE_IDS) {
    throw invalidValue("imageIds", `Member must have length between 1 and ${MOST_IMAGE_IDS}`);
  }
  return ids;
}

export function describeImages(
  input: wire.DescribeImagesRequest,
  context: HandlerContext,
): wire.DescribeImagesResponse {
  const repository = requireRepository(context, input);
  const describe = (image: Image): wire.ImageDetail => ({
    registryId: repository.account,
    repositoryName: repository.repositoryName,
    imageDigest: image.digest,
    ...(image.imageTags.length === 0 ? {} : { imageTags: [...image.imageTags] }),
    imageSizeInBytes: image.sizeBytes,
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    ...(image.lastPulledAt === undefined ? {} : { lastRecordedPullTime: new Date(image.lastPulledAt) }),
  });
  if (input.imageIds !== undefined && input.imageIds.length > 0) {
    const found = requireImageIds(input.imageIds).map((id) => {
      const image = findByIdentifier(context, repository, id);
      if (!isImage(image)) throw imageNotFound(id, repository);
      return image;
    });
    return { imageDetails: found.map(describe) };
  }
  const { items, nextToken } = page(imagesOf(context, repository, input.filter?.tagStatus), {
    token: input.nextToken,
    limit: readLimit(input.maxResults),
    key: (image) => image.digest,
    invalidToken,
  });
  return { imageDetails: items.map(describe), ...(nextToken === undefined ? {} : { nextToken }) };
}

export function listImages(input: wire.ListImagesRequest, context: HandlerContext): wire.ListImagesResponse {
  const repository = requireRepository(context, input);
  const ids = imagesOf(context, repository, input.filter?.tagStatus).flatMap<wire.ImageIdentifier>((image) =>
    image.imageTags.length === 0
      ? [{ imageDigest: image.digest }]
      : image.imageTags.map((imageTag) => ({ imageDigest: image.digest, imageTag })),
  );
  const { items, nextToken } = page(ids, {
    token: input.nextToken,
    limit: readLimit(input.maxResults),
    key: (id) => `${id.imageDigest}|${id.imageTag ?? ""}`,
    invalidToken,
  });
  return { imageIds: items, ...(nextToken === undefined ? {} : { nextToken }) };
}

export function batchGetImage(
  input: wire.BatchGetImageRequest,
  context: HandlerContext,
): wire.BatchGetImageResponse {
  const repository = requireRepository(context, input);
  const ids = requireImageIds(input.imageIds);
  const found: wire.Image[] = [];
  const failures: wire.ImageFailure[] = [];
  for (const id of ids) {
    const image = findByIdentifier(context, repository, id);
    if (isImage(image)) found.push(describeImage(repository, image, id.imageTag));
    else failures.push(image);
  }
  return { images: found, failures };
}

function describeImage(repository: Repository, image: Image, imageTag: string | undefined): wire.Image {
  return {
    registryId: repository.account,
    repositoryName: repository.repositoryName,
    imageId: { imageDigest: image.digest, ...(imageTag === undefined ? {} : { imageTag }) },
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
  };
}

/** A tag alone takes only the tag; with its last tag, or by digest, the image goes. */
export function batchDeleteImage(
  input: wire.BatchDeleteImageRequest,
  context: HandlerContext,
): wire.BatchDeleteImageResponse {
  const repository = requireRepository(context, input);
  const ids = requireImageIds(input.imageIds);
  const deleted: wire.ImageIdentifier[] = [];
  const failures: wire.ImageFailure[] = [];
  context.store.transaction((tx) => {
    for (const id of ids) {
      const image = findByIdentifier(context, repository, id);
      if (!isImage(image)) {
        failures.push(image);
        continue;
      }
      const imageTags =
        id.imageTag === undefined ? [] : image.imageTags.filter((other) => other !== id.imageTag);
      if (imageTags.length === 0) tx.delete(images, `${image.repositoryArn}|${image.digest}`);
      else tx.put(images, { ...image, imageTags });
      const gone = id.imageTag === undefined ? image.imageTags : [id.imageTag];
      if (gone.length === 0) deleted.push({ imageDigest: image.digest });
      for (const imageTag of gone) deleted.push({ imageDigest: image.digest, imageTag });
    }
  });
  return { imageIds: deleted, failures };
}

/** Its layers must be in the repository already: by `docker push`, or under another tag. */
export function putImage(input: wire.PutImageRequest, context: HandlerContext): wire.PutImageResponse {
  const { imageManifest: text = "", imageManifestMediaType, imageDigest, imageTag } = input;
  if (imageTag !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,299}$/.test(imageTag)) {
    throw invalidValue("imageTag", "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}'");
  }
  const manifest = readManifest(text, imageManifestMediaType);
  if (manifest === undefined) throw invalidValue("ImageManifest", "Invalid JSON syntax");
  if (imageDigest !== undefined && imageDigest !== manifest.digest) {
    throw digestDoesNotMatch(imageDigest, manifest.digest);
  }
  const repository = requireRepository(context, input);
  const known = new Set(
    context.store
      .where(images, "repository", repository.arn)
      .flatMap((image) => [image.digest, ...blobsOf(image).map(({ digest }) => digest)]),
  );
  const missing = [...manifest.blobs, ...manifest.manifests]
    .map(({ digest }) => digest)
    .filter((digest) => !known.has(digest));
  if (missing.length > 0) throw layersNotFound(missing, repository);
  const now = context.clock.now();
  const result = storeImage(context.store, repository, manifest, text, imageTag, now);
  if (result.kind === "tag-immutable") throw tagExists(imageTag ?? "", repository);
  if (result.kind === "unchanged") throw imageExists(manifest.digest, imageTag, repository);
  return { image: describeImage(repository, result.image, imageTag) };
}

export function batchCheckLayerAvailability(
  input: wire.BatchCheckLayerAvailabilityRequest,
  context: HandlerContext,
): wire.BatchCheckLayerAvailabilityResponse {
  const repository = requireRepository(context, input);
  const blobs = context.store.where(images, "repository", repository.arn).flatMap(blobsOf);
  const layers: wire.Layer[] = [];
  const failures: wire.LayerFailure[] = [];
  for (const layerDigest of input.layerDigests ?? []) {
    const blob = blobs.find(({ digest }) => digest === layerDigest);
    if (!/^sha256:[0-9a-f]{64}$/i.test(layerDigest)) {
      failures.push({
        layerDigest,
        failureCode: "InvalidLayerDigest",
        failureReason: "Invalid layer digest",
      });
    } else if (blob === undefined) {
      layers.push({ layerDigest, layerAvailability: "UNAVAILABLE" });
    } else {
      const { size, mediaType } = blob;
      layers.push({ layerDigest, layerAvailability: "AVAILABLE", layerSize: size, mediaType });
    }
  }
  return { layers, failures };
}
