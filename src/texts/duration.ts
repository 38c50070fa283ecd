/** Names of the units of time, as they follow a number. */
export interface TimeUnits {
  hours: string;
  minutes: string;
  seconds: string;
}

/** A duration in words: `0.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: number, units: TimeUnits, locale: string): string {
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  if (seconds < 10) return `${oneDecimal.format(seconds)} ${units.seconds}`;
  // Seconds are rounded before they are split into units: 59.7 s is a minute, not 60 s.
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} ${units.seconds}`;
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} ${units.minutes} ${whole % 60} ${units.seconds}`;
  }
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} ${units.hours} ${minutes % 60} ${units.minutes}`;
}
