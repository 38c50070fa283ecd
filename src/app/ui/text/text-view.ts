import { Store } from '../../state/store.ts';
import { useSelected } from '../../state/use-selected.ts';

/** The view of prompts and answers: as the model reads them, or as people saw them. */
export type TextView = 'text' | 'rendered';

class TextViewStore extends Store<{ view: TextView }> {
  choose(view: TextView): void {
    this.set({ view });
  }
}

const store = new TextViewStore({ view: 'text' });

/** Returns the chosen view, which is the same everywhere. */
export function useTextView(): TextView {
  return useSelected(store, ({ view }) => view);
}

/** Sets the view until the page reloads. */
export function setTextView(chosen: TextView): void {
  store.choose(chosen);
}
