import { type Place, type PlacePart, type PlaceTexts, placeIn } from '../texts/place.ts';

export { type Place, type PlacePart, placeIn };

// The texts that journals have contained since their first version. They identify runs, so they must never change.
const ID: PlaceTexts = {
  gpu: (name) => `${name} (WebGPU)`,
  cpu: (runtime, threads) => `CPU (${runtime}, ${threads} thread${threads === 1 ? '' : 's'})`,
  part: (from, to, place, variant) => `layers ${from} to ${to} on ${place}, ${variant}`,
  parts: (parts) => parts.join(' and '),
};

/** The text that identifies a place in journals and exports. It is the same in every version and language. */
export function placeId(place: Place): string {
  return placeIn(place, ID);
}
