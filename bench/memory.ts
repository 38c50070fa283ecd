import { readdirSync, readFileSync } from 'node:fs';

/**
 * Samples the resident memory of this browser's renderer processes (Linux). The returned function gives the maximum.
 */
export function watchMemory(): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
        const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
        peak = Math.max(peak, Number(resident?.[1] ?? 0) * 1024);
      } catch {
        // the process ended meanwhile
      }
    }
  }, 250);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
