/** Number of decoder layers that stay on the device; the others are streamed, that is, read for every pass. */
export type Resident = 'all' | number;

/** Consecutive decoder layers from `from` up to, but not including, `to`; counted from 0. */
export interface LayerRange {
  from: number;
  to: number;
}

/** Slots on the device for streamed layers: while the layer in one is computed, the next is read into the other. */
export const STREAM_SLOTS = 2;

/** Number of `layers` that stay on the device. */
export function layersKept(layers: number, resident: Resident): number {
  // If no more layers than slots were streamed, they would take as much memory as resident ones.
  if (resident === 'all' || resident > layers - STREAM_SLOTS) return layers;
  return Math.max(0, resident);
}

/** Number of layers that have memory on the device: resident ones, and slots if the others are streamed. */
export function layersHeld(layers: number, resident: Resident): number {
  const kept = layersKept(layers, resident);
  return kept === layers ? layers : kept + STREAM_SLOTS;
}
