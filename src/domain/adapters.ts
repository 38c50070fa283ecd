/**
 * Text that names adapters in journals and exports: the name of one adapter, null for the base model alone, and
 * `mean of a, b` for several.
 */
export function adaptersLabel(names: readonly (string | null)[]): string | null {
  if (names.length === 1) return names[0]!;
  return `mean of ${names.map((name) => name ?? 'the base model').join(', ')}`;
}
