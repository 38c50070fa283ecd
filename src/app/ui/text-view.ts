import { useSyncExternalStore } from 'react';

/** How prompts and answers are shown: as the model reads them, or as people saw them. */
export type TextView = 'text' | 'rendered';

let view: TextView = 'text';
const listeners = new Set<() => void>();

/** The way that was chosen last; the same wherever texts are shown. */
export function useTextView(): TextView {
  return useSyncExternalStore(subscribe, () => view);
}

/** Chooses how texts are shown, until the page is loaded again. */
export function setTextView(chosen: TextView): void {
  view = chosen;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
