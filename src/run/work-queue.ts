import type { Batch } from './batches.ts';

/** A batch, or a part of one, on its way through the lanes. */
export interface Work {
  batch: Batch;
  /** How often it failed, not counting failures that were answered with halves. */
  failures: number;
}

/**
 * Hands out batches to lanes and takes back what a failed lane could not do. A lane that finds nothing waits as long as
 * another has work that may come back.
 */
export class WorkQueue {
  private readonly next: () => Promise<Batch | null>;
  private readonly returned: Work[] = [];
  private readonly waiting = new Set<() => void>();
  private inFlight = 0;
  private exhausted = false;

  /** `next` gives batches, and null when there are no more. */
  constructor(next: () => Promise<Batch | null>) {
    this.next = next;
  }

  /** Is everything handed out and done? */
  get finished(): boolean {
    return this.exhausted && this.inFlight === 0 && this.returned.length === 0;
  }

  /**
   * Work for a lane, which must say `done` or `giveBack` of it; null when everything is done.
   * @throws what `next` throws, and `run/cancelled` by way of it.
   */
  async take(): Promise<Work | null> {
    for (;;) {
      const work = this.returned.shift();
      if (work !== undefined) {
        this.inFlight += 1;
        return work;
      }
      if (!this.exhausted) {
        // Counted before it is awaited: another lane must not take the end of the queue for the end of the run.
        this.inFlight += 1;
        let batch: Batch | null;
        try {
          batch = await this.next();
        } catch (thrown) {
          this.settle();
          throw thrown;
        }
        if (batch !== null) return { batch, failures: 0 };
        this.exhausted = true;
        this.settle();
        continue;
      }
      if (this.inFlight === 0) return null;
      await new Promise<void>((wake) => this.waiting.add(wake));
    }
  }

  /** Work that was taken is finished. */
  done(): void {
    this.settle();
  }

  /** Work that was taken must be done by someone else, or again, as it is or in parts. */
  giveBack(parts: Work[]): void {
    this.returned.push(...parts);
    this.settle();
  }

  private settle(): void {
    this.inFlight -= 1;
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}

/** Work in two parts, the longer rows first; of a single row it stays one. */
export function halves({ batch, failures }: Work): Work[] {
  const { sequences, texts } = batch;
  if (sequences.length < 2) return [{ batch, failures }];
  const middle = Math.ceil(sequences.length / 2);
  return [
    { batch: { sequences: sequences.slice(0, middle), texts: texts.slice(0, middle) }, failures },
    { batch: { sequences: sequences.slice(middle), texts: texts.slice(middle) }, failures },
  ];
}
