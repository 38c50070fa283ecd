import { formatOf } from '../format.ts';

/** Numbers, sizes and times in Japanese. */
export const format = formatOf('ja', {
  betweenSentences: '',
  bytes: { other: 'バイト' },
  units: { hours: '時間', minutes: '分', seconds: '秒' },
  rough: {
    fewSeconds: '数秒',
    seconds: (seconds) => `約 ${seconds} 秒`,
    minutes: (minutes) => `約 ${minutes} 分`,
    hours: (hours, minutes) => `約 ${hours} 時間${minutes === 0 ? '' : ` ${minutes} 分`}`,
    days: (days) => `約 ${days} 日`,
    underTenMinutes: '10 分未満',
    overAYear: '1 年以上',
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

/** A number of rows. */
export const rowsOf = (rows: number) => `${count(rows)} 行`;

/** A part of all rows. */
export const someRowsOf = (some: number, all: number) => `${rowsOf(all)}中 ${rowsOf(some)}`;
