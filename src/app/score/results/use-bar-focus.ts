import { type RefObject, useEffect, useRef } from 'react';

/** Attribute of the button that takes the focus when a run has ended. */
export const END_FOCUS = { 'data-end-focus': true } as const;

/**
 * Moves the focus to the bar of a run when the run begins or ends, since the button that had it has gone. Wherever else
 * the user is (in a text field, a dialog, the table) it stays.
 */
export function useBarFocus(bar: RefObject<HTMLElement | null>, isRunning: boolean): void {
  const previous = useRef(isRunning);
  useEffect(() => {
    if (previous.current === isRunning) return;
    previous.current = isRunning;
    const place = bar.current;
    const active = document.activeElement;
    if (place === null || active === null) return;
    // The button that starts a run stays when it becomes the one that cancels it.
    if (isRunning && active !== place && place.contains(active)) return;
    // What contains the bar, the body or the screen, has the focus when nothing else has.
    if (!active.contains(place) && !place.contains(active)) return;
    const button = isRunning ? null : place.querySelector<HTMLElement>('[data-end-focus]:enabled');
    // Where it waits at the edge of the window, scrolling would not bring it any nearer.
    const isStuck = getComputedStyle(place).position === 'sticky';
    (button ?? place).focus({ preventScroll: isStuck });
  }, [bar, isRunning]);
}
