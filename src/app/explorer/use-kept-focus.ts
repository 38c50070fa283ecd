import { type RefObject, useEffect } from 'react';
import type { ExplorerStore } from './state/explorer-store.ts';

/**
 * Keeps the keyboard focus in place. A button that removes itself (with a sentence or a turn) would lose the focus; its
 * card receives it.
 */
export function useKeptFocus(screen: RefObject<HTMLElement | null>, store: ExplorerStore): void {
  useEffect(() => {
    let card: HTMLElement | null = null;
    const note = ({ target }: FocusEvent) => {
      card = target instanceof HTMLElement ? target.closest<HTMLElement>('section.card') : null;
    };
    const element = screen.current;
    element?.addEventListener('focusin', note);
    let frame = 0;
    const stop = store.subscribe(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (document.activeElement !== document.body || !card?.isConnected) return;
        card.tabIndex = -1;
        card.focus({ preventScroll: true });
      });
    });
    const forget = ({ target }: Event) => {
      // A click outside every control removes the focus on purpose.
      if (target instanceof Element && target.closest('button, input, textarea, label') === null) {
        card = null;
      }
    };
    document.addEventListener('pointerdown', forget);
    return () => {
      stop();
      cancelAnimationFrame(frame);
      element?.removeEventListener('focusin', note);
      document.removeEventListener('pointerdown', forget);
    };
  }, [screen, store]);
}
