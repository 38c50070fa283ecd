import { type RefObject, useEffect, useRef } from 'react';

/**
 * Reads drops on an element with `read`, which must be stable. The returned function gives the result of the last drop,
 * once; null without one. React Aria's event has no file handles, so the browser's own event is read first.
 */
export function useDropped<T>(
  zone: RefObject<HTMLElement | null>,
  read: (transfer: DataTransfer | null) => Promise<T | null>,
): () => Promise<T | null> {
  const last = useRef<Promise<T | null>>(null);
  useEffect(() => {
    const element = zone.current;
    const take = (event: DragEvent) => {
      last.current = read(event.dataTransfer);
    };
    element?.addEventListener('drop', take, { capture: true });
    return () => element?.removeEventListener('drop', take, { capture: true });
  }, [zone, read]);
  return () => {
    const dropped = last.current ?? Promise.resolve(null);
    last.current = null;
    return dropped;
  };
}
