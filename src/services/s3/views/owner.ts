/** Owners of buckets and objects: accounts, by their canonical user id. */
import { createHash } from "node:crypto";
import type * as wire from "@aws-sdk/client-s3";

/** 64 hexadecimal digits, the same for an account always. */
export function canonicalUserId(account: string): string {
  return createHash("sha256").update(`canonical user ${account}`).digest("hex");
}

export function ownerOf(account: string): wire.Owner {
  return { ID: canonicalUserId(account) };
}
