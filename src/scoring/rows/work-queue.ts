import type { Batch } from './batches.ts';
import type { PauseGate } from './pause.ts';

/** A batch, or a part of one, on its way through the lanes. */
export interface QueuedBatch {
  batch: Batch;
  /** How often it failed, not counting failures that were answered with halves. */
  failures: number;
}

/**
 * Hands out batches to lanes and takes back what a failed lane could not do. A lane that finds nothing waits as long as
 * another has work that may come back. While the run is paused nothing is handed out; it rests once nothing is in
 * flight on any lane.
 */
export class WorkQueue {
  private readonly next: () => Promise<Batch | null>;
  /** Made and not taken yet, or come back. */
  private readonly ready: QueuedBatch[] = [];
  private readonly waiting = new Set<() => void>();
  private inFlight = 0;
  private exhausted = false;
  private readonly gate: PauseGate | undefined;
  private readonly signal: AbortSignal | undefined;

  /** `next` gives batches, and null when there are no more. `gate` pauses; `signal` ends waiting at it. */
  constructor(next: () => Promise<Batch | null>, gate?: PauseGate, signal?: AbortSignal) {
    this.next = next;
    this.gate = gate;
    this.signal = signal;
  }

  /** True when everything is handed out and done. */
  get finished(): boolean {
    return this.exhausted && this.inFlight === 0 && this.ready.length === 0;
  }

  /**
   * QueuedBatch for a lane, which must say `done` or `giveBack` of it; null when everything is done.
   * @throws what `next` throws, and `run/cancelled` by way of it.
   */
  async take(): Promise<QueuedBatch | null> {
    for (;;) {
      if (this.ready.length === 0 && !this.exhausted) {
        await this.make();
      } else if (this.ready.length > 0) {
        if (this.gate?.paused) {
          if (this.inFlight === 0) this.gate.rest();
          await this.gate.pass(this.signal);
          continue;
        }
        this.inFlight += 1;
        return this.ready.shift()!;
      } else {
        if (this.inFlight === 0) return null;
        await new Promise<void>((wake) => this.waiting.add(wake));
      }
    }
  }

  /**
   * QueuedBatch for a lane that still has some, which must say `done` or `giveBack` of it too. Null where fewer than
   * `others` are left beside it, during a pause, and when nothing is ready: what another lane may give back is not
   * waited for.
   */
  async takeAhead(others: number): Promise<QueuedBatch | null> {
    while (!this.gate?.paused && !this.exhausted && this.ready.length <= others) await this.make();
    if (this.gate?.paused || this.ready.length <= others) return null;
    this.inFlight += 1;
    return this.ready.shift()!;
  }

  /** QueuedBatch that was taken is finished. */
  done(): void {
    this.settle();
  }

  /** QueuedBatch that was taken must be done by someone else, or again, as it is or in parts. */
  giveBack(parts: QueuedBatch[]): void {
    this.ready.push(...parts);
    this.settle();
  }

  /** Makes the next batch, also during a pause: only so is it known whether there is one. */
  private async make(): Promise<void> {
    // Counted meanwhile: another lane must not take the end of the queue for the end of the run.
    this.inFlight += 1;
    try {
      const batch = await this.next();
      if (batch === null) this.exhausted = true;
      else this.ready.push({ batch, failures: 0 });
    } finally {
      this.settle();
    }
  }

  private settle(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0 && !this.finished) this.gate?.rest();
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}

/** QueuedBatch in two parts, the longer rows first; of a single row it stays one. */
export function halves({ batch, failures }: QueuedBatch): QueuedBatch[] {
  const { sequences, texts } = batch;
  if (sequences.length < 2) return [{ batch, failures }];
  const middle = Math.ceil(sequences.length / 2);
  return [
    { batch: { sequences: sequences.slice(0, middle), texts: texts.slice(0, middle) }, failures },
    { batch: { sequences: sequences.slice(middle), texts: texts.slice(middle) }, failures },
  ];
}
