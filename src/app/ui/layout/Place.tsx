import type { ReactNode } from 'react';

/**
 * Reserves the place of what arrives later with the same elements, invisible, so that nothing moves then. A height in
 * pixels would suit one language and one machine's fonts only. `over` is shown in that place meanwhile.
 */
export function Place({ over, children }: { over?: ReactNode; children: ReactNode }) {
  const place = (
    <div className="place" aria-hidden="true" inert>
      {children}
    </div>
  );
  if (over === undefined) return place;
  return (
    <div className="over-place">
      {place}
      <div>{over}</div>
    </div>
  );
}
