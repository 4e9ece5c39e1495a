/** The registry's errors, in the form of the OCI Distribution Specification. */
export class RegistryError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function unauthorized(): RegistryError {
  return new RegistryError(401, "UNAUTHORIZED", "Not Authorized", {
    "WWW-Authenticate": 'Basic realm="berth",service="ecr.amazonaws.com"',
  });
}

export function repositoryUnknown(repositoryName: string, registryId: string): RegistryError {
  return new RegistryError(
    404,
    "NAME_UNKNOWN",
    `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`,
  );
}

export function nameInvalid(): RegistryError {
  return new RegistryError(
    400,
    "NAME_INVALID",
    "Names begin with <account>.dkr.ecr.<region>.amazonaws.com/ and go on with a repository's name",
  );
}

export function blobUnknown(): RegistryError {
  return new RegistryError(404, "BLOB_UNKNOWN", "blob unknown to registry");
}

export function uploadUnknown(): RegistryError {
  return new RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
}

export function uploadInvalid(message: string, status = 400): RegistryError {
  return new RegistryError(status, "BLOB_UPLOAD_INVALID", message);
}

export function digestInvalid(): RegistryError {
  return new RegistryError(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
}

export function tooLarge(): RegistryError {
  return new RegistryError(413, "SIZE_INVALID", "larger than the registry takes");
}

export function manifestUnknown(): RegistryError {
  return new RegistryError(404, "MANIFEST_UNKNOWN", "Requested image not found");
}

export function manifestInvalid(): RegistryError {
  return new RegistryError(400, "MANIFEST_INVALID", "manifest invalid");
}

export function manifestBlobUnknown(digest: string): RegistryError {
  return new RegistryError(404, "MANIFEST_BLOB_UNKNOWN", `blob unknown to registry: ${digest}`);
}

export function tagImmutable(tag: string, repositoryName: string): RegistryError {
  return new RegistryError(
    400,
    "TAG_INVALID",
    `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`,
  );
}

export function unsupported(): RegistryError {
  return new RegistryError(405, "UNSUPPORTED", "The operation is unsupported.");
}
