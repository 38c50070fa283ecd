import { createSHA256 } from 'hash-wasm';

/** The parts into which training divides preference data. */
export const SPLITS = ['train', 'dev', 'validation'] as const;
export type Split = (typeof SPLITS)[number];

/** Shares of the groups, as in `split_of` of `training/data.py`. */
const VALIDATION = 0.2;
const DEV = 0.08;

/** Makes a function that returns the part of a group, the same as `split_of` of `training/data.py`. */
export async function splitter(): Promise<(group: string) => Split> {
  const hasher = await createSHA256();
  return (group) => {
    const digest = hasher.init().update(`split:${group}`).digest('hex');
    const share = Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32;
    if (share < VALIDATION) return 'validation';
    return share < VALIDATION + DEV ? 'dev' : 'train';
  };
}
