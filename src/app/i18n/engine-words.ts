import { type Place, placeIn } from '../../domain/place.ts';
import type { ExecutorChoice } from '../../engine/executor/executor.ts';
import { strings } from './strings.ts';

/** The device of an engine in the page's language: `CPU (WebAssembly, 4 threads)`. */
export function placeText(place: Place): string {
  return placeIn(place, strings.place);
}

/** Names a run's adapter in the page's language, or the mean of several. Null stands for the base model alone. */
export function adapterText(adapters: readonly (string | null)[]): string {
  const [only = null] = adapters;
  if (adapters.length < 2) return only ?? strings.model.noAdapter;
  return strings.model.meanOf(adapters.map((name) => name ?? strings.model.base));
}

/** Names the executor of the layers in the page's language. */
export function executorName({ executor, variant }: ExecutorChoice): string {
  return strings.model.executorNames[executor === 'ort' ? 'ort' : (variant ?? 'float32')];
}
