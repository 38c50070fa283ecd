import { aborted } from '../../domain/errors.ts';

/** A gate at which lanes wait while a run is paused. Batches in flight when the pause begins are finished. */
export class PauseGate {
  private readonly now: () => number;
  private readonly onRest: () => void;
  private open: Promise<void> | null = null;
  private reopen: () => void = () => {};
  /** Time in milliseconds since which the run rests; null while it does not. */
  private restingSince: number | null = null;
  private rested = 0;

  /** @param onRest is called when the gate is closed and no batch is in flight any more. */
  constructor(onRest: () => void = () => {}, now: () => number = () => performance.now()) {
    this.onRest = onRest;
    this.now = now;
  }

  get paused(): boolean {
    return this.open !== null;
  }

  /** Milliseconds for which the run has rested in all pauses, this one included. */
  get restedMs(): number {
    return this.rested + (this.restingSince === null ? 0 : this.now() - this.restingSince);
  }

  /** Closes the gate. @param resting true if no batch is in flight already. */
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

  /** Reports that no batch is in flight. If the gate is closed, the run rests from now on. */
  rest(): void {
    if (this.open === null || this.restingSince !== null) return;
    this.restingSince = this.now();
    this.onRest();
  }

  /** Resolves when the gate is open. @throws TiebreakError `run/cancelled` if the signal fires. */
  async pass(signal?: AbortSignal): Promise<void> {
    while (this.open !== null) await untilAborted(this.open, signal);
  }
}

/** Settles with a promise, or rejects with `run/cancelled` when the signal fires. */
export function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
