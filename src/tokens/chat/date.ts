import { isDate } from '../../domain/date.ts';

/** The day that a template takes for today unless another is given: the one in Llama 3.1's own template. */
export const DEFAULT_DATE = '2024-07-26';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/**
 * Formats the midnight of a day as Python's `strftime` does in the C locale, whatever the language of the browser.
 * @param date YYYY-MM-DD
 * @throws Error for a date that does not exist, and for a directive that is not listed below.
 */
export function formatDate(date: string, format: string): string {
  if (!isDate(date)) throw new RangeError(`${date} is not a date of the form YYYY-MM-DD`);
  const day = new Date(date);
  const name = { day: DAYS[day.getUTCDay()]!, month: MONTHS[day.getUTCMonth()]! };
  const [year, month, dayOfMonth] = date.split('-') as [string, string, string];
  const dayOfYear = (day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / 86_400_000 + 1;
  const values: Readonly<Record<string, string>> = {
    a: name.day.slice(0, 3),
    A: name.day,
    b: name.month.slice(0, 3),
    B: name.month,
    d: dayOfMonth,
    F: date,
    H: '00',
    I: '12',
    j: String(dayOfYear).padStart(3, '0'),
    m: month,
    M: '00',
    p: 'AM',
    S: '00',
    y: year.slice(2),
    Y: year,
    '%': '%',
  };
  return format.replace(/%(-?)(.?)/gs, (directive, dash: string, letter: string) => {
    const value = values[letter];
    if (value === undefined) throw new Error(`strftime_now: unknown directive ${directive}`);
    return dash === '' ? value : value.replace(/^0+(?=\d)/, '');
  });
}
