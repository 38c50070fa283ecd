/**
 * A seeded generator of whole numbers (sfc32 of PractRand): the same seed gives the same numbers on every machine.
 * @param seed A whole number from 0 to 2^32 - 1.
 * @returns a function that returns a number from 0 to `below` - 1, each about equally likely.
 */
export function randomIntegers(seed: number): (below: number) => number {
  let a = seed | 0;
  let b = 0;
  let c = 0;
  let counter = 1;
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  // Similar seeds give unrelated numbers only after some steps.
  for (let i = 0; i < 15; i += 1) next();
  return (below) => Math.floor((next() / 2 ** 32) * below);
}
