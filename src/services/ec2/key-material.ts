/** Keys as EC2 makes, reads and names them (EC2 user guide, "Create a key pair", "Verify the fingerprint"). */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

export type KeyType = "rsa" | "ed25519";

export interface NewKey {
  /** PEM: PKCS #1 for RSA, OpenSSH's own form for ED25519. */
  readonly material: string;
  readonly fingerprint: string;
  /** `ssh-rsa AAAA… comment`. */
  readonly publicKey: string;
}

export function newKey(keyType: KeyType, comment: string): NewKey {
  const { privateKey, publicKey } =
    keyType === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const blob = publicBlob(publicKey, keyType);
  const line = `${sshName(keyType)} ${blob.toString("base64")} ${comment}`;
  if (keyType === "ed25519") {
    return {
      material: openSshPrivate(privateKey, blob, comment),
      fingerprint: sha256(blob),
      publicKey: line,
    };
  }
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  return {
    material: String(privateKey.export({ type: "pkcs1", format: "pem" })),
    fingerprint: colons(createHash("sha1").update(der).digest("hex")),
    publicKey: line,
  };
}

export interface ReadKey {
  readonly keyType: KeyType;
  readonly fingerprint: string;
}

/** A line as in `authorized_keys`; undefined when it is no RSA or ED25519 key. */
export function readPublicKey(line: string): ReadKey | undefined {
  const [, name, base64 = ""] = /^(ssh-rsa|ssh-ed25519)\s+([A-Za-z0-9+/]+=*)(\s|$)/.exec(line) ?? [];
  const [first, second, third] = readStrings(Buffer.from(base64, "base64"));
  if (name === undefined || first?.toString() !== name || second === undefined) return undefined;
  if (name === "ssh-ed25519") {
    if (second.length !== 32) return undefined;
    return { keyType: "ed25519", fingerprint: sha256(Buffer.from(base64, "base64")) };
  }
  if (third === undefined) return undefined;
  try {
    const key = createPublicKey({
      key: {
        kty: "RSA",
        e: unsigned(second).toString("base64url"),
        n: unsigned(third).toString("base64url"),
      },
      format: "jwk",
    });
    const der = key.export({ type: "spki", format: "der" });
    return { keyType: "rsa", fingerprint: colons(createHash("md5").update(der).digest("hex")) };
  } catch {
    return undefined;
  }
}

function sshName(keyType: KeyType): string {
  return keyType === "rsa" ? "ssh-rsa" : "ssh-ed25519";
}

/** RFC 4253, 6.6, and RFC 8709. */
function publicBlob(key: KeyObject, keyType: KeyType): Buffer {
  const jwk = key.export({ format: "jwk" });
  const parts =
    keyType === "rsa" ? [positive(jwk.e), positive(jwk.n)] : [Buffer.from(jwk.x ?? "", "base64url")];
  return Buffer.concat([Buffer.from(sshName(keyType)), ...parts].map(asString));
}

/** OpenSSH's PROTOCOL.key, without encryption. */
function openSshPrivate(key: KeyObject, blob: Buffer, comment: string): string {
  const jwk = key.export({ format: "jwk" });
  const open = Buffer.from(jwk.x ?? "", "base64url");
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    // Key type and public half, as in the public key.
    blob,
    asString(Buffer.concat([Buffer.from(jwk.d ?? "", "base64url"), open])),
    asString(Buffer.from(comment)),
  ]);
  const missing = (8 - (secret.length % 8)) % 8;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    asString(Buffer.from("none")),
    asString(Buffer.from("none")),
    asString(Buffer.alloc(0)),
    number(1),
    asString(blob),
    asString(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function asString(bytes: Buffer): Buffer {
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function readStrings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return [];
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function positive(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? "", "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}

function unsigned(bytes: Buffer): Buffer {
  return bytes[0] === 0 ? bytes.subarray(1) : bytes;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("base64");
}

function colons(hex: string): string {
  return (hex.match(/../g) ?? []).join(":");
}
