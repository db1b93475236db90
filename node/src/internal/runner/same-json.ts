/** Whether two values are the same as JSON, whatever the order of their members. */

export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const members = value as Record<string, unknown>;
  return Object.keys(members)
    .sort()
    .map((name) => [name, ordered(members[name])]);
}
