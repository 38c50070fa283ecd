import { useEffect, useRef } from 'react';

/** Marks the history entry of a dialog that is open over the page. */
const OVER_PAGE = 'tiebreak.open';

/** Makes the browser's Back button close an open dialog instead of leaving the screen. */
export function useBackCloses(isOpen: boolean, close: () => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (!isOpen) return;
    const onPop = () => latest.current();
    history.pushState({ [OVER_PAGE]: true }, '');
    window.addEventListener('popstate', onPop);
    return () => {
      window.removeEventListener('popstate', onPop);
      // The dialog closed in another way. Its entry is still the latest, unless a link in it led elsewhere.
      if (history.state?.[OVER_PAGE]) history.back();
    };
  }, [isOpen]);
}
