import { type RefObject, useEffect } from 'react';
import type { ExplorerStore } from './state/explorer-store.ts';

/**
 * Keeps the keyboard in its place: a button that goes with what it changed (a sentence that is left out, a turn that is
 * removed) would leave the focus nowhere. Its card gets it then.
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
      // A click beside everything takes the focus away on purpose.
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
