import { TiebreakError } from '../../domain/errors.ts';
import { type Reading, readingOf } from '../../domain/reading.ts';
import type { ModelPackage } from '../../model/package.ts';

/**
 * The way in which a model reads a row with these adapters, found before weights are loaded.
 * @param adapters the adapters to be used; null: the base model alone.
 * @throws TiebreakError `model/labels` for a reward model without a chat template, `model/labels:mixed` for adapters
 *   whose heads have different numbers of labels, or as `ModelPackage.labels` does.
 */
export async function modelReading(
  pkg: ModelPackage,
  adapters: readonly (string | null)[],
): Promise<Reading> {
  const model = pkg.manifest.name;
  const [first, ...others] = await Promise.all(adapters.map((adapter) => pkg.labels(adapter)));
  const other = others.find((labels) => labels !== first);
  if (other !== undefined) {
    throw new TiebreakError('model/labels:mixed', { params: { model, first: first!, other } });
  }
  const reading = readingOf(first!);
  // The notebook's text holds both answers, but a reward is that of one answer.
  if (reading === 'reward' && pkg.manifest.template === 'lmsys-notebook') {
    throw new TiebreakError('model/labels', { params: { model } });
  }
  return reading;
}
