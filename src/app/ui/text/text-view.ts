import { Store } from '../../state/store.ts';
import { useSelected } from '../../state/use-selected.ts';

/** How prompts and answers are shown: as the model reads them, or as people saw them. */
export type TextView = 'text' | 'rendered';

class TextViewStore extends Store<{ view: TextView }> {
  choose(view: TextView): void {
    this.set({ view });
  }
}

const store = new TextViewStore({ view: 'text' });

/** The way that was chosen last; the same wherever texts are shown. */
export function useTextView(): TextView {
  return useSelected(store, ({ view }) => view);
}

/** Chooses how texts are shown, until the page is loaded again. */
export function setTextView(chosen: TextView): void {
  store.choose(chosen);
}
