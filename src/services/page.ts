/** Pages of a list that may change between calls: the token names the last item shown, not a position. */

export interface Page<T> {
  readonly items: T[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

export interface PageRequest<T> {
  /** As a client sent it back. */
  readonly token?: string | undefined;
  readonly limit: number;
  /** Unique and stable over the life of an item; items are shown in its order. */
  key(item: T): string;
  /** The service's own error for a token that this never gave out. */
  invalidToken(): Error;
}

const TOKEN_PREFIX = "berth1:";

/** Sorts by key and returns at most `limit` items after the token's. Throws `invalidToken()` on a foreign token. */
export function page<T>(items: readonly T[], request: PageRequest<T>): Page<T> {
  const after = request.token === undefined ? undefined : decodeToken(request.token, request.invalidToken);
  const ordered = items
    .map((item) => ({ item, key: request.key(item) }))
    .filter((entry) => after === undefined || entry.key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = ordered.slice(0, request.limit);
  const last = shown.at(-1);
  return {
    items: shown.map((entry) => entry.item),
    ...(last !== undefined && ordered.length > shown.length ? { nextToken: encodeToken(last.key) } : {}),
  };
}

function encodeToken(key: string): string {
  return Buffer.from(TOKEN_PREFIX + key).toString("base64url");
}

function decodeToken(token: string, invalidToken: () => Error): string {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith(TOKEN_PREFIX)) throw invalidToken();
  return text.slice(TOKEN_PREFIX.length);
}
