const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A duration in words: `0.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${oneDecimal.format(seconds)} s`;
  // Rounded before it is split: 59.7 s is a minute, not 60 s.
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
