import type { KeyObject } from "node:crypto";

export const KEY_ALGORITHMS = [
  "RSA_1024",
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "EC_prime256v1",
  "EC_secp384r1",
  "EC_secp521r1",
] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** How the service calls a key's algorithm; undefined when it does not take such keys. */
export function keyAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const name = key.asymmetricKeyType === "rsa" ? `RSA_${modulusLength}` : `EC_${namedCurve}`;
  return KEY_ALGORITHMS.find((algorithm) => algorithm === name);
}

/** The algorithm that a record keeps as text. */
export function readKeyAlgorithm(text: string): KeyAlgorithm | undefined {
  return KEY_ALGORITHMS.find((algorithm) => algorithm === text);
}
