import { type RefObject, startTransition, useEffect, useState } from 'react';

/**
 * The width of an element in CSS pixels; 0 until it is known. What is drawn for it is drawn piece by piece: a dozen
 * charts at once would be one long task.
 */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(([entry]) => {
      // Its own measure: asking the element would compute the layout anew.
      const inner = Math.round(entry!.contentRect.width);
      startTransition(() => setWidth(inner));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
