/** Tags as stored by every resource: keys are unique, order is kept. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** `added` replaces tags of the same key. */
export function mergeTags(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  const keys = new Set(added.map((tag) => tag.key));
  return [...tags.filter((tag) => !keys.has(tag.key)), ...added];
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): Tag[] {
  return tags.filter((tag) => !keys.includes(tag.key));
}
