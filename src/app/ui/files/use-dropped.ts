import { type RefObject, useEffect, useRef } from 'react';

/**
 * What `read` makes of the last drop on an element, once. React Aria's event has no handles of files, so the browser's
 * is read first. `read` must not change.
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
