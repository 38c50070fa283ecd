import { type Place, placeText as textOf } from '../../domain/place.ts';
import { strings } from './strings.ts';

/** What an engine computes on, in the page's language: `CPU (WebAssembly, 4 threads)`. */
export function placeText(place: Place): string {
  return textOf(place, strings.place);
}

/** The adapter of a run in the page's language, or the mean of several; null stands for the base model alone. */
export function adapterText(adapters: readonly (string | null)[]): string {
  const [only = null] = adapters;
  if (adapters.length < 2) return only ?? strings.model.noAdapter;
  return strings.model.meanOf(adapters.map((name) => name ?? strings.model.base));
}
