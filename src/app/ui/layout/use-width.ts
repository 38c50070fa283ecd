import { type RefObject, startTransition, useEffect, useState } from 'react';

/**
 * Returns the width of an element in CSS pixels; 0 until known. Charts that depend on it are drawn one by one, since a
 * dozen at once would be one long task.
 */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(([entry]) => {
      // The observer's own measure: asking the element would force a layout.
      const inner = Math.round(entry!.contentRect.width);
      startTransition(() => setWidth(inner));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
