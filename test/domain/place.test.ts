import { expect, test } from 'vitest';
import { type Place, placeId } from '../../src/domain/place.ts';
import { placeOfId } from '../../src/scoring/journal/place-of-id.ts';

const cpu = (threads: number): Place => ({ kind: 'cpu', runtime: 'WebAssembly', threads });
const split: Place = {
  kind: 'split',
  parts: [
    { from: 1, to: 2, place: { kind: 'gpu', name: 'fast, and large' }, variant: 'float16' },
    { from: 3, to: 5, place: { kind: 'gpu', name: 'slow' }, variant: 'subgroup-matrix' },
  ],
};

/** The ids in journals since their first version. */
const IDS: [Place, string][] = [
  [cpu(1), 'CPU (WebAssembly, 1 thread)'],
  [cpu(4), 'CPU (WebAssembly, 4 threads)'],
  [{ kind: 'gpu', name: 'NVIDIA H100' }, 'NVIDIA H100 (WebGPU)'],
  [{ kind: 'gpu', name: 'Intel (R) Arc' }, 'Intel (R) Arc (WebGPU)'],
  [
    split,
    'layers 1 to 2 on fast, and large (WebGPU), float16 and layers 3 to 5 on slow (WebGPU), subgroup-matrix',
  ],
  [{ kind: 'named', name: 'fake GPU' }, 'fake GPU'],
];

test.each(IDS)('%j is told apart by its id, and read back from it', (place, id) => {
  expect(placeId(place)).toBe(id);
  expect(placeOfId(id)).toEqual(place);
});

test('an id that is not of our form is a name, to the letter', () => {
  for (const id of ['', 'CPU (WebAssembly, 1 threads)', 'layers 1 to 2 on , x', ' and layers ']) {
    expect(placeOfId(id)).toEqual({ kind: 'named', name: id });
    expect(placeId(placeOfId(id))).toBe(id);
  }
});
