/** Client tokens: a create request that comes again answers with what the first one made. */
import { idempotentParameterMismatch } from "./errors.ts";

/**
 * The record that an earlier request with this token made. Throws IdempotentParameterMismatch when it was made
 * of something else.
 */
export function findByClientToken<R extends { readonly clientToken?: string | undefined }>(
  records: readonly R[],
  clientToken: string | undefined,
  isSame: (record: R) => boolean,
): R | undefined {
  if (!clientToken) return undefined;
  const earlier = records.find((record) => record.clientToken === clientToken);
  if (earlier !== undefined && !isSame(earlier)) throw idempotentParameterMismatch();
  return earlier;
}
