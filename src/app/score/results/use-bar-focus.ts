import { type RefObject, useEffect, useRef } from 'react';

/** Attribute of the button that takes the focus at the end of a run. */
export const END_FOCUS = { 'data-end-focus': true } as const;

/**
 * Moves the focus to the bar of a run when the run begins or ends, since the focused button has disappeared. A focus
 * elsewhere (in a text field, a dialog, the table) stays.
 */
export function useBarFocus(bar: RefObject<HTMLElement | null>, isRunning: boolean): void {
  const previous = useRef(isRunning);
  useEffect(() => {
    if (previous.current === isRunning) return;
    previous.current = isRunning;
    const place = bar.current;
    const active = document.activeElement;
    if (place === null || active === null) return;
    // The same button starts a run and cancels it.
    if (isRunning && active !== place && place.contains(active)) return;
    // If nothing else has the focus, an element around the bar has it: the body or the screen.
    if (!active.contains(place) && !place.contains(active)) return;
    const button = isRunning ? null : place.querySelector<HTMLElement>('[data-end-focus]:enabled');
    // A bar stuck to the edge of the window cannot be scrolled nearer.
    const isStuck = getComputedStyle(place).position === 'sticky';
    (button ?? place).focus({ preventScroll: isStuck });
  }, [bar, isRunning]);
}
