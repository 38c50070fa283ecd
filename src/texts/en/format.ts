import { formatOf, type PluralForms, pluralsOf } from '../format.ts';

const plural = pluralsOf('en');

/** A number with its noun in the right form: `1 row`, `2,000 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${plural(value, { one, other: many })}`;
}

/** The form of a phrase, singular or plural, that fits a number. */
export function choose(value: number, forms: Required<Pick<PluralForms, 'one' | 'other'>>): string {
  return plural(value, forms);
}

/** Numbers, sizes and times in English. */
export const format = formatOf('en', {
  betweenSentences: ' ',
  bytes: { one: 'byte', other: 'bytes' },
  units: { hours: 'h', minutes: 'min', seconds: 's' },
  rough: {
    fewSeconds: 'a few seconds',
    seconds: (seconds) => `about ${seconds} seconds`,
    minutes: (minutes) => (minutes === 1 ? 'about a minute' : `about ${minutes} minutes`),
    hours: (hours, minutes) =>
      `about ${counted(hours, 'hour')}${minutes === 0 ? '' : ` ${minutes} minutes`}`,
    days: (days) => `about ${counted(days, 'day')}`,
    underTenMinutes: 'under 10 minutes',
    overAYear: 'more than a year',
  },
});

export const {
  count,
  fileSize,
  megabytes,
  tokensRoughly,
  duration,
  dateTime,
  clock,
  roughly,
  coarsely,
} = format;
