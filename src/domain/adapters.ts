/** Names adapters for the user: one by its name, null for the base model alone, several as `mean of a, b`. */
export function adaptersLabel(names: readonly (string | null)[]): string | null {
  if (names.length === 1) return names[0]!;
  return `mean of ${names.map((name) => name ?? 'the base model').join(', ')}`;
}
