import { useEffect, useRef } from 'react';

/** Marks the history's entry of something that is open over the page. */
const OVER_PAGE = 'tiebreak.open';

/** Lets the browser's Back button close what is open over the page, in place of leaving the screen. */
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
      // Closed otherwise; unless a link in it led elsewhere, its entry is the latest one.
      if (history.state?.[OVER_PAGE]) history.back();
    };
  }, [isOpen]);
}
