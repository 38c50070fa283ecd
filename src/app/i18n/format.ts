import { strings } from './strings.ts';

export { magnitude, probability } from '../../texts/format.ts';

/** Numbers, sizes and times as the page's language writes them: see `Format`. */
export const { count, fileSize, duration, dateTime, roughly, coarsely } = strings.format;
