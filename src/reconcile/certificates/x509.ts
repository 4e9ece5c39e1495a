/** X.509 certificates (RFC 5280), signed with an RSA key and SHA-256. */
import { createHash, type KeyObject, sign } from "node:crypto";
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "../../lib/der.ts";

export interface CertificateParts {
  /** Even-length hexadecimal. */
  readonly serialHex: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subjectPublicKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly use:
    | { readonly kind: "authority" }
    | { readonly kind: "server"; readonly dnsNames: readonly string[]; readonly isRsa: boolean };
}

export interface DistinguishedName {
  readonly organization?: string;
  readonly commonName: string;
}

const SHA256_WITH_RSA = sequence(objectIdentifier("1.2.840.113549.1.1.11"), nothing());

/** The signed certificate as PEM. `signer` is an RSA private key. */
export function signCertificate(parts: CertificateParts, signer: KeyObject): string {
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(Buffer.from(parts.serialHex, "hex")),
    SHA256_WITH_RSA,
    name(parts.issuer),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    name(parts.subject),
    publicKeyInfo(parts.subjectPublicKey),
    explicit(3, sequence(...extensions(parts))),
  );
  const signature = sign("sha256", toBeSigned, signer);
  return pem("CERTIFICATE", sequence(toBeSigned, SHA256_WITH_RSA, bitString(signature)));
}

function name({ organization, commonName }: DistinguishedName): Buffer {
  const attribute = (oid: string, value: string) => set(sequence(objectIdentifier(oid), utf8String(value)));
  return sequence(
    ...(organization === undefined ? [] : [attribute("2.5.4.10", organization)]),
    attribute("2.5.4.3", commonName),
  );
}

function extensions(parts: CertificateParts): Buffer[] {
  const keyIds = [
    extension("2.5.29.14", octetString(keyId(parts.subjectPublicKey))),
    extension("2.5.29.35", sequence(implicit(0, keyId(parts.issuerPublicKey)))),
  ];
  if (parts.use.kind === "authority") {
    return [
      extension("2.5.29.19", sequence(boolean(true)), "critical"),
      // Bits 5 and 6: keyCertSign and cRLSign.
      extension("2.5.29.15", bitString(Buffer.of(0b0000_0110), 1), "critical"),
      ...keyIds,
    ];
  }
  // Bit 0, digitalSignature, and with RSA bit 2, keyEncipherment.
  const usage = parts.use.isRsa ? bitString(Buffer.of(0b1010_0000), 5) : bitString(Buffer.of(0b1000_0000), 7);
  const dnsNames = parts.use.dnsNames.map((dnsName) => implicit(2, Buffer.from(dnsName, "ascii")));
  return [
    extension("2.5.29.19", sequence(), "critical"),
    extension("2.5.29.15", usage, "critical"),
    extension(
      "2.5.29.37",
      sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"), objectIdentifier("1.3.6.1.5.5.7.3.2")),
    ),
    extension("2.5.29.17", sequence(...dnsNames)),
    ...keyIds,
  ];
}

function extension(oid: string, value: Buffer, critical?: "critical"): Buffer {
  return sequence(
    objectIdentifier(oid),
    ...(critical === undefined ? [] : [boolean(true)]),
    octetString(value),
  );
}

function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** Any value that differs by key will do (RFC 5280, 4.2.1.2). */
function keyId(key: KeyObject): Buffer {
  return createHash("sha256").update(publicKeyInfo(key)).digest().subarray(0, 20);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
