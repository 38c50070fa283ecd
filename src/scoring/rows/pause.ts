import { aborted } from '../../domain/errors.ts';

/** Where lanes wait while a run is paused. What is in flight when the pause begins comes to its end. */
export class PauseGate {
  private readonly now: () => number;
  private readonly onRest: () => void;
  private open: Promise<void> | null = null;
  private reopen: () => void = () => {};
  /** Since when nothing is in flight. */
  private restingSince: number | null = null;
  private rested = 0;

  /** `onRest` is called when the gate is closed and nothing is in flight any more. */
  constructor(onRest: () => void = () => {}, now: () => number = () => performance.now()) {
    this.onRest = onRest;
    this.now = now;
  }

  get paused(): boolean {
    return this.open !== null;
  }

  /** Milliseconds that the run has rested, this pause included. */
  get restedMs(): number {
    return this.rested + (this.restingSince === null ? 0 : this.now() - this.restingSince);
  }

  /** Closes the gate. `resting`: nothing is in flight already. */
  pause(resting = false): void {
    this.open ??= new Promise((resolve) => {
      this.reopen = resolve;
    });
    if (resting) this.restingSince ??= this.now();
  }

  /** Opens the gate. */
  resume(): void {
    this.rested = this.restedMs;
    this.restingSince = null;
    this.open = null;
    this.reopen();
  }

  /** Says that nothing is in flight, so that a run whose gate is closed rests. */
  rest(): void {
    if (this.open === null || this.restingSince !== null) return;
    this.restingSince = this.now();
    this.onRest();
  }

  /** Settles when the gate is open. @throws TiebreakError `run/cancelled` when the signal fires. */
  async pass(signal?: AbortSignal): Promise<void> {
    while (this.open !== null) await untilAborted(this.open, signal);
  }
}

/** Waits for a promise, or rejects with `run/cancelled` when the signal fires. */
export function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
