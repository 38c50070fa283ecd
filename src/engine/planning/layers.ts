/** How many decoder layers stay on the device; the others are read from the package whenever they are needed. */
export type Resident = 'all' | number;

/** Consecutive decoder layers: `from`, and those after it up to but not including `to`. */
export interface LayerRange {
  from: number;
  to: number;
}

/** Places for streamed layers: while one is computed, the next one is read into the other. */
export const STREAM_SLOTS = 2;

/** Of so many layers, those that stay on the device. */
export function layersKept(layers: number, resident: Resident): number {
  // Fewer streamed layers than slots would take the same memory as if they stayed.
  if (resident === 'all' || resident > layers - STREAM_SLOTS) return layers;
  return Math.max(0, resident);
}

/** Of so many layers, those that the device has room for: the ones that stay, and two that change. */
export function layersHeld(layers: number, resident: Resident): number {
  const kept = layersKept(layers, resident);
  return kept === layers ? layers : kept + STREAM_SLOTS;
}
