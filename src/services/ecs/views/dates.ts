/** Wire members of optional times and texts: absent stays absent. */
export function dateMember<Name extends string>(
  name: Name,
  milliseconds: number | undefined,
): Partial<Record<Name, Date>> {
  const members: Partial<Record<Name, Date>> = {};
  if (milliseconds !== undefined) members[name] = new Date(milliseconds);
  return members;
}
