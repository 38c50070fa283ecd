import { strings } from './strings.ts';

export { magnitude, probability, reward, signedReward } from '../../texts/format.ts';

/** Writes numbers, sizes, times and sentences in the page's language; see `formatOf`. */
export const {
  count,
  fileSize,
  duration,
  dateTime,
  roughly,
  coarsely,
  sentences,
  betweenSentences,
} = strings.format;
