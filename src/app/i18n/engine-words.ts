import { type Place, placeIn } from '../../domain/place.ts';
import type { ExecutorChoice } from '../../engine/executor/executor.ts';
import { strings } from './strings.ts';

/** What an engine computes on, in the page's language: `CPU (WebAssembly, 4 threads)`. */
export function placeText(place: Place): string {
  return placeIn(place, strings.place);
}

/** The adapter of a run in the page's language, or the mean of several; null stands for the base model alone. */
export function adapterText(adapters: readonly (string | null)[]): string {
  const [only = null] = adapters;
  if (adapters.length < 2) return only ?? strings.model.noAdapter;
  return strings.model.meanOf(adapters.map((name) => name ?? strings.model.base));
}

/** The executor of the layers, in words. */
export function executorName({ executor, variant }: ExecutorChoice): string {
  return strings.model.executorNames[executor === 'ort' ? 'ort' : (variant ?? 'float32')];
}
