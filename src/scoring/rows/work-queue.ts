import type { Batch } from './batches.ts';
import type { PauseGate } from './pause.ts';

/** A batch, or a part of one, in the queue or on a lane. */
export interface QueuedBatch {
  batch: Batch;
  /** Number of failures, except those that were answered by smaller batches. */
  failures: number;
}

/**
 * Hands out batches to lanes and takes back those that a lane failed to compute. A lane that finds nothing waits as
 * long as another lane has a batch in flight, because that may come back. While the run is paused nothing is handed
 * out; the run rests once no batch is in flight on any lane.
 */
export class WorkQueue {
  private readonly next: () => Promise<Batch | null>;
  /** Batches that are formed and not taken yet, or that came back. */
  private readonly ready: QueuedBatch[] = [];
  private readonly waiting = new Set<() => void>();
  private inFlight = 0;
  private exhausted = false;
  private readonly gate: PauseGate | undefined;
  private readonly signal: AbortSignal | undefined;

  /**
   * @param next forms the next batch; resolves to null if there are no more.
   * @param gate pauses the run.
   * @param signal ends waiting at the gate.
   */
  constructor(next: () => Promise<Batch | null>, gate?: PauseGate, signal?: AbortSignal) {
    this.next = next;
    this.gate = gate;
    this.signal = signal;
  }

  /** True once every batch has been handed out and finished. */
  get finished(): boolean {
    return this.exhausted && this.inFlight === 0 && this.ready.length === 0;
  }

  /**
   * Takes a batch for a lane, which must call `done` or `giveBack` for it. Null once every batch is finished.
   * @throws whatever `next` throws, such as `run/cancelled`.
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
   * Takes a further batch for a lane that still computes one, and must call `done` or `giveBack` for this one too. Null
   * if fewer than `others` batches would be left, during a pause, and if none is ready: it does not wait for batches
   * that other lanes may give back.
   */
  async takeAhead(others: number): Promise<QueuedBatch | null> {
    while (!this.gate?.paused && !this.exhausted && this.ready.length <= others) await this.make();
    if (this.gate?.paused || this.ready.length <= others) return null;
    this.inFlight += 1;
    return this.ready.shift()!;
  }

  /** Reports that a taken batch is finished. */
  done(): void {
    this.settle();
  }

  /** Returns a taken batch, whole or in parts, to be computed by any lane. */
  giveBack(parts: QueuedBatch[]): void {
    this.ready.push(...parts);
    this.settle();
  }

  /** Forms the next batch, also during a pause, since only this shows if there is one. */
  private async make(): Promise<void> {
    // Counts as in flight, so that another lane does not take the empty queue for the end of the run.
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

/** Splits a batch into two halves, the longer rows first. A batch of one row stays whole. */
export function halves({ batch, failures }: QueuedBatch): QueuedBatch[] {
  const { sequences, texts } = batch;
  if (sequences.length < 2) return [{ batch, failures }];
  const middle = Math.ceil(sequences.length / 2);
  return [
    { batch: { sequences: sequences.slice(0, middle), texts: texts.slice(0, middle) }, failures },
    { batch: { sequences: sequences.slice(middle), texts: texts.slice(middle) }, failures },
  ];
}
