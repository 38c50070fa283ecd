import { type Place, type PlacePart, placeId } from '../../domain/place.ts';

const CPU = /^CPU \(WebAssembly, (\d+) threads?\)$/;
const GPU = /^(.+) \(WebGPU\)$/;
const PART = /layers (\d+) to (\d+) on (.+?), ([^ ,]+)(?: and (?=layers )|$)/g;

/**
 * Parses the id of a place, by which journals name it. An id that `placeId` would not write becomes a place that is
 * known only by that name.
 */
export function placeOfId(id: string): Place {
  const read = split(id) ?? single(id);
  return read !== null && placeId(read) === id ? read : { kind: 'named', name: id };
}

function single(id: string): Place | null {
  const threads = CPU.exec(id)?.[1];
  if (threads !== undefined) {
    return { kind: 'cpu', runtime: 'WebAssembly', threads: Number(threads) };
  }
  const name = GPU.exec(id)?.[1];
  return name === undefined ? null : { kind: 'gpu', name };
}

function split(id: string): Place | null {
  const parts = [...id.matchAll(PART)].map(([, from, to, place, variant]): PlacePart => {
    const named: Place = { kind: 'named', name: place! };
    return {
      from: Number(from),
      to: Number(to),
      place: single(place!) ?? named,
      variant: variant === 'null' ? null : variant!,
    };
  });
  return parts.length === 0 ? null : { kind: 'split', parts };
}
