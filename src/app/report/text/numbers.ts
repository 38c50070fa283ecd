import type { Estimate } from '../../../stats/methods/bootstrap.ts';
import { words } from './strings.ts';

/** Writes a number with this many decimals and a true minus sign. */
export function fixed(value: number | null, decimals = 4): string {
  if (value === null || Number.isNaN(value)) return '–';
  const text = value.toFixed(decimals);
  return text.replace('-', '−');
}

/** Writes a difference, always with its sign. */
export function signed(value: number | null, decimals = 4): string {
  const text = fixed(value, decimals);
  return value !== null && value > 0 ? `+${text}` : text;
}

/** Words the 95 % interval of an estimate; empty if there is none. */
export function intervalText(
  { low, high }: Estimate,
  format: (value: number) => string = fixed,
): string {
  return low === null || high === null ? '' : words.interval(format(low), format(high));
}

/** Writes a share as a percentage, an unknown one as a dash. */
export function share(value: number | null): string {
  return value === null || Number.isNaN(value) ? '–' : words.percent(value);
}
