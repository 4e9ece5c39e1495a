/** Berth's own certificate authority: who signs the certificates that ACM issues here. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { type DistinguishedName, signCertificate } from "./x509.ts";

export interface CertificateAuthority {
  /** The root certificate that clients must trust. */
  readonly certificatePem: string;
  /** Where it lies, for `curl --cacert`. */
  readonly certificatePath: string;
  issue(request: IssueRequest): Promise<IssuedCertificate>;
}

export interface IssueRequest {
  readonly commonName: string;
  /** Includes the common name. */
  readonly dnsNames: readonly string[];
  /** As ACM names them, for example `RSA_2048` or `EC_prime256v1`. */
  readonly keyAlgorithm: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly chainPem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
  /** `0f:ac:…`. */
  readonly serial: string;
}

export interface AuthorityDependencies {
  readonly clock: Clock;
  readonly random: Random;
}

const CERTIFICATE_FILE = "certificate-authority.pem";
const KEY_FILE = "certificate-authority.key";
const ISSUER: DistinguishedName = { organization: "Berth", commonName: "Berth local certificate authority" };
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const ROOT_YEARS = 20;

const newKeyPair = promisify(generateKeyPair);

export function certificateAuthorityPath(stateDirectory: string): string {
  return join(stateDirectory, CERTIFICATE_FILE);
}

export const certificateAuthority = {
  /** The authority of a state directory, made on first use: key (mode 0600) and root certificate (0644). */
  async ensure(stateDirectory: string, dependencies: AuthorityDependencies): Promise<CertificateAuthority> {
    await mkdir(stateDirectory, { recursive: true });
    const certificatePath = certificateAuthorityPath(stateDirectory);
    const keyPath = join(stateDirectory, KEY_FILE);
    const known = await readRoot(certificatePath, keyPath);
    const root = known ?? (await newRoot(dependencies));
    if (known === undefined) await writeRoot(root, certificatePath, keyPath);
    return {
      certificatePem: root.certificatePem,
      certificatePath,
      issue: (request) => issue(root, request, dependencies.random),
    };
  },
};

interface Root {
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
}

/** Undefined unless both files are there and belong together. */
async function readRoot(certificatePath: string, keyPath: string): Promise<Root | undefined> {
  const certificatePem = await readIfPresent(certificatePath);
  const keyPem = await readIfPresent(keyPath);
  if (certificatePem === undefined || keyPem === undefined) return undefined;
  const privateKey = createPrivateKey(keyPem);
  if (!new X509Certificate(certificatePem).checkPrivateKey(privateKey)) return undefined;
  return { certificatePem, privateKey };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function newRoot({ clock, random }: AuthorityDependencies): Promise<Root> {
  const { publicKey, privateKey } = await newKeyPair("rsa", { modulusLength: 2048 });
  // A client's clock may be behind a little.
  const notBefore = clock.now() - 24 * 60 * 60 * 1000;
  const certificatePem = signCertificate(
    {
      serialHex: newSerial(random),
      issuer: ISSUER,
      subject: ISSUER,
      notBefore,
      notAfter: notBefore + ROOT_YEARS * YEAR_MS,
      subjectPublicKey: publicKey,
      issuerPublicKey: publicKey,
      use: { kind: "authority" },
    },
    privateKey,
  );
  return { certificatePem, privateKey };
}

/** The key first: a certificate without its key is made anew, a key without its certificate too. */
async function writeRoot(root: Root, certificatePath: string, keyPath: string): Promise<void> {
  const keyPem = String(root.privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeWhole(keyPath, keyPem, 0o600);
  await writeWhole(certificatePath, root.certificatePem, 0o644);
}

/** A reader sees the old content or the new, never a part. */
async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}

async function issue(root: Root, request: IssueRequest, random: Random): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = await newKeyPairOf(request.keyAlgorithm);
  const serialHex = newSerial(random);
  const certificatePem = signCertificate(
    {
      serialHex,
      issuer: ISSUER,
      subject: { commonName: request.commonName },
      notBefore: request.notBefore,
      notAfter: request.notAfter,
      subjectPublicKey: publicKey,
      issuerPublicKey: createPublicKey(root.privateKey),
      use: {
        kind: "server",
        dnsNames: request.dnsNames,
        isRsa: request.keyAlgorithm.startsWith("RSA_"),
      },
    },
    root.privateKey,
  );
  return {
    certificatePem,
    chainPem: root.certificatePem,
    privateKeyPem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    serial: (serialHex.match(/../g) ?? []).join(":"),
  };
}

/** `RSA_2048`, `EC_prime256v1`, …: the part after the underscore is the size or the curve. */
function newKeyPairOf(keyAlgorithm: string) {
  const [family, detail = ""] = keyAlgorithm.split("_");
  return family === "EC"
    ? newKeyPair("ec", { namedCurve: detail })
    : newKeyPair("rsa", { modulusLength: Number(detail) });
}

/** 16 bytes, the first between 01 and 7f so that the number is positive and needs no padding. */
function newSerial(random: Random): string {
  return (random.below(0x7f) + 1).toString(16).padStart(2, "0") + random.hex(30);
}
