import { durationText, type TimeUnits } from './duration.ts';

/**
 * The forms of a word, by the plural categories of its language
 * (https://cldr.unicode.org/index/cldr-spec/plural-rules).
 */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The words of a language for numbers and times. */
interface FormatWords {
  /** Stands between two sentences: a space, or nothing in languages whose full stop brings its own. */
  betweenSentences: string;
  /** Unit after a number of bytes. */
  bytes: PluralForms;
  units: TimeUnits;
  /** Texts of rounded times. Numbers are whole; `minutes` below an hour may be 0. */
  rough: {
    fewSeconds: string;
    seconds: (seconds: number) => string;
    minutes: (minutes: number) => string;
    hours: (hours: number, minutes: number) => string;
    days: (days: number) => string;
    underTenMinutes: string;
    overAYear: string;
  };
}

/** The form of a word that fits a number. @param locale a language tag. */
export function pluralsOf(locale: string): (value: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(locale);
  return (value, forms) => forms[rules.select(value)] ?? forms.other;
}

/** Makes the functions that format numbers, sizes and times in a language. @param locale its tag, for `Intl`. */
export function formatOf(locale: string, words: FormatWords) {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const plural = pluralsOf(locale);

  /** A whole number with thousands separators. */
  const count = (value: number) => whole.format(value);

  return {
    count,
    betweenSentences: words.betweenSentences,

    /** Puts sentences one after another; those that are false, null or undefined are left out. */
    sentences: (...parts: (string | false | null | undefined)[]) =>
      parts.filter((part) => typeof part === 'string').join(words.betweenSentences),

    /** Bytes in decimal units, as operating systems show files. */
    fileSize(bytes: number): string {
      if (bytes < 1000) return `${count(bytes)} ${plural(bytes, words.bytes)}`;
      if (bytes < 1e6) return `${oneDecimal.format(bytes / 1e3)} kB`;
      if (bytes < 1e9) return `${oneDecimal.format(bytes / 1e6)} MB`;
      return `${oneDecimal.format(bytes / 1e9)} GB`;
    },

    /** Bytes in decimal units up to MB, never GB, so that sizes that are nearly equal look different. */
    megabytes(bytes: number): string {
      if (bytes < 1e6) return `${count(bytes)} ${plural(bytes, words.bytes)}`;
      return `${(bytes / 1e6).toFixed(1)} MB`;
    },

    /** A number of tokens with the precision of an estimate: `14.1 M`, `320 k`, `90`. */
    tokensRoughly(tokens: number): string {
      if (tokens >= 1e6) return `${oneDecimal.format(tokens / 1e6)} M`;
      return tokens >= 1000 ? `${whole.format(tokens / 1e3)} k` : whole.format(tokens);
    },

    /** A duration in words: `3 min 20 s`. */
    duration: (seconds: number) => durationText(seconds, words.units, locale),

    /** A date and time in the user's time zone: `24 Nov 2026, 18:30`. @param date ISO 8601, or ms since 1970. */
    dateTime: (date: string | number) =>
      new Date(date).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),

    /** The time of day in the user's time zone, with seconds. */
    clock: (date: Date) => date.toLocaleTimeString(locale),

    /** The time left in words, rounded so that it changes seldom. */
    roughly(seconds: number): string {
      if (seconds < 10) return words.rough.fewSeconds;
      if (seconds < 55) return words.rough.seconds(Math.ceil(seconds / 10) * 10);
      const minutes = Math.max(1, Math.round(seconds / 60));
      if (minutes < 60) return words.rough.minutes(minutes);
      const tens = Math.round((minutes % 60) / 10) * 10;
      // Minutes are rounded, so 59 minutes become one more hour.
      return words.rough.hours(Math.floor(minutes / 60) + (tens === 60 ? 1 : 0), tens % 60);
    },

    /** A time of which only the order of magnitude is known: tens of minutes, hours, days. */
    coarsely(seconds: number): string {
      const tens = Math.ceil(seconds / 600) * 10;
      const hours = Math.round(seconds / 3600);
      const exactDays = seconds / 86_400;
      const days = exactDays < 100 ? Math.round(exactDays) : Math.round(exactDays / 10) * 10;
      if (tens <= 10) return words.rough.underTenMinutes;
      if (tens < 60) return words.rough.minutes(tens);
      if (hours <= 36) return words.rough.hours(Math.max(1, hours), 0);
      return days > 365 ? words.rough.overAYear : words.rough.days(days);
    },
  };
}

/** A share in per cent: `58.4 %`. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A probability with a fixed number of decimals, so that its width never changes. */
export function probability(value: number, decimals = 3): string {
  return value.toFixed(decimals);
}

/** The order of magnitude of a small number, `1e‑6`, with a hyphen at which no line breaks. */
export function magnitude(value: number): string {
  return value.toExponential(0).replace('-', '\u2011');
}

const REWARD_DIGITS = 3;

/** A reward. */
export function reward(value: number): string {
  return value.toFixed(REWARD_DIGITS).replace('-', '−');
}

/** A difference of rewards, with its sign. */
export function signedReward(value: number): string {
  const text = reward(value);
  return value > 0 ? `+${text}` : text;
}
