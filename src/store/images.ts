/** Repositories and their images: what the registry and the ECR API ask and change alike. */
import { arn } from "../model/arn.ts";
import { type Manifest, readManifest } from "../model/ecr/manifest.ts";
import type { Image, Repository } from "../model/ecr/records.ts";
import type { Scope } from "../model/scope.ts";
import type { Store, StoreReader } from "./store.ts";
import { images, repositories } from "./tables/ecr.ts";

export function repositoryArn(scope: Scope, name: string): string {
  return arn("ecr", scope, `repository/${name}`);
}

export function findRepository(store: StoreReader, scope: Scope, name: string): Repository | undefined {
  return store.get(repositories, repositoryArn(scope, name));
}

/** By tag or by digest. */
export function findImage(store: StoreReader, repository: Repository, reference: string): Image | undefined {
  if (reference.includes(":")) return store.get(images, `${repository.arn}|${reference}`);
  return store
    .where(images, "repository", repository.arn)
    .find((image) => image.imageTags.includes(reference));
}

/** Digests of configurations and layers that the image needs. */
export function blobsOf(image: Image): Manifest["blobs"] {
  return readManifest(image.manifest, image.mediaType)?.blobs ?? [];
}

export type PutImageResult =
  | { readonly kind: "stored"; readonly image: Image }
  | { readonly kind: "unchanged"; readonly image: Image }
  | { readonly kind: "tag-immutable" };

/** Stores the manifest and moves the tag to it. */
export function putImage(
  store: Store,
  repository: Repository,
  manifest: Manifest,
  text: string,
  tag: string | undefined,
  now: number,
): PutImageResult {
  const existing = findImage(store, repository, manifest.digest);
  const tagged = tag === undefined ? undefined : findImage(store, repository, tag);
  if (existing !== undefined && (tag === undefined || tagged?.digest === manifest.digest)) {
    return { kind: "unchanged", image: existing };
  }
  if (tagged !== undefined && repository.imageTagMutability === "IMMUTABLE") return { kind: "tag-immutable" };
  const image: Image = {
    ...(existing ?? {
      repositoryArn: repository.arn,
      digest: manifest.digest,
      mediaType: manifest.mediaType,
      manifest: text,
      sizeBytes: manifest.sizeBytes,
      pushedAt: now,
    }),
    imageTags: [...(existing?.imageTags ?? []), ...(tag === undefined ? [] : [tag])],
  };
  store.transaction((tx) => {
    if (tagged !== undefined) {
      tx.put(images, { ...tagged, imageTags: tagged.imageTags.filter((other) => other !== tag) });
    }
    tx.put(images, image);
  });
  return { kind: "stored", image };
}
