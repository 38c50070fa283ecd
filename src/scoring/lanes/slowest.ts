import type { LoadProgress } from './model-request.ts';

/** Combines the progress of several devices that load at the same time: `onProgress` receives that of the slowest. */
export function slowestOf(
  devices: number,
  onProgress: (progress: LoadProgress) => void,
): (device: number, progress: LoadProgress) => void {
  const latest = new Array<LoadProgress>(devices).fill({ step: 'device', fraction: 0 });
  return (device, progress) => {
    latest[device] = progress;
    onProgress(latest.reduce((a, b) => (isBehind(b, a) ? b : a)));
  };
}

function isBehind(a: LoadProgress, b: LoadProgress): boolean {
  if (a.step !== b.step) return a.step === 'device';
  return a.fraction < b.fraction;
}
