import { strings } from './strings.ts';

export { magnitude, probability, reward, signedReward } from '../../texts/format.ts';

/** Writes numbers, sizes and times in the page's language; see `Format`. */
export const { count, fileSize, duration, dateTime, roughly, coarsely } = strings.format;
