import { TiebreakError } from '../../domain/errors.ts';
import type { ModelPackage } from '../../model/package.ts';

/**
 * Refuses score heads that do not give the three logits of a pair, before weights are loaded: A wins, B wins, tie.
 * @param adapters the adapters to be used; null: the base model alone.
 * @throws TiebreakError `model/labels`, or as `ModelPackage.labels` does.
 */
export async function requirePairHead(
  pkg: ModelPackage,
  adapters: readonly (string | null)[],
): Promise<void> {
  for (const adapter of adapters) {
    const labels = await pkg.labels(adapter);
    if (labels === 3) continue;
    throw new TiebreakError('model/labels', { params: { model: pkg.manifest.name, labels } });
  }
}
