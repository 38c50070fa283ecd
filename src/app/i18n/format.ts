import { durationText } from '../../domain/duration.ts';
import { language } from './language.ts';

const isJapanese = language === 'ja';
// Both languages write numbers alike.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A whole number with thousands separators. */
export function count(value: number): string {
  return whole.format(value);
}

/** English with its plural: `1 row`, `2,000 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in decimal units, as operating systems show files. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return isJapanese ? `${count(bytes)} バイト` : counted(bytes, 'byte');
  if (bytes < 1e6) return `${oneDecimal.format(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${oneDecimal.format(bytes / 1e6)} MB`;
  return `${oneDecimal.format(bytes / 1e9)} GB`;
}

/** A probability with so many decimals; the width never changes. */
export function probability(value: number, decimals = 3): string {
  return value.toFixed(decimals);
}

/** A small number's order of magnitude, `1e‑6`: never broken at its minus. */
export function magnitude(value: number): string {
  return value.toExponential(0).replace('-', '\u2011');
}

/** A number of tokens as precise as an estimate: `14.1 M`, `320 k`, `90`. */
export function tokensRoughly(tokens: number): string {
  if (tokens >= 1e6) return `${oneDecimal.format(tokens / 1e6)} M`;
  return tokens >= 1000 ? `${whole.format(tokens / 1e3)} k` : whole.format(tokens);
}

/** A duration in words: `3 min 20 s`. */
export function duration(seconds: number): string {
  return isJapanese
    ? durationText(seconds, { hours: '時間', minutes: '分', seconds: '秒' })
    : durationText(seconds);
}

/** A moment (ISO 8601) in the user's time zone: `24 Nov 2026, 18:30`. */
export function dateTime(date: string): string {
  return new Date(date).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A time to come, in words and rounded so that it does not jump about. */
export function roughly(seconds: number): string {
  if (seconds < 10) return isJapanese ? '数秒' : 'a few seconds';
  if (seconds < 55) {
    const tens = Math.ceil(seconds / 10) * 10;
    return isJapanese ? `約 ${tens} 秒` : `about ${tens} seconds`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes <= 1) return isJapanese ? '約 1 分' : 'about a minute';
  if (minutes < 60) return isJapanese ? `約 ${minutes} 分` : `about ${minutes} minutes`;
  const tens = Math.round((minutes % 60) / 10) * 10;
  // 59 minutes are rounded to an hour more.
  const hours = Math.floor(minutes / 60) + (tens === 60 ? 1 : 0);
  const rest = tens % 60;
  if (isJapanese) return rest === 0 ? `約 ${hours} 時間` : `約 ${hours} 時間 ${rest} 分`;
  const whole = `about ${counted(hours, 'hour')}`;
  return rest === 0 ? whole : `${whole} ${rest} minutes`;
}

/** A time of which only the order of magnitude is known: tens of minutes, hours, days. */
export function coarsely(seconds: number): string {
  const tens = Math.ceil(seconds / 600) * 10;
  const hours = Math.round(seconds / 3600);
  const exactDays = seconds / 86_400;
  const days = exactDays < 100 ? Math.round(exactDays) : Math.round(exactDays / 10) * 10;
  if (tens <= 10) return isJapanese ? '10 分未満' : 'under 10 minutes';
  if (tens < 60) return isJapanese ? `約 ${tens} 分` : `about ${tens} minutes`;
  if (hours <= 36) {
    const atLeast = Math.max(1, hours);
    return isJapanese ? `約 ${atLeast} 時間` : `about ${counted(atLeast, 'hour')}`;
  }
  if (days > 365) return isJapanese ? '1 年以上' : 'more than a year';
  return isJapanese ? `約 ${days} 日` : `about ${counted(days, 'day')}`;
}
