import { type Remote, wrap } from 'comlink';
import { aborted, asTiebreakError, type PlainError, TiebreakError } from '../domain/errors.ts';

/** A result that crosses a worker boundary: Comlink alone would flatten errors to text. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: PlainError };

/** Runs work in a worker and packs its result or its error. */
export async function outcome<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: asTiebreakError(thrown).toPlain() };
  }
}

/** The part of `Worker` that is used. */
export type WorkerLike = Pick<
  Worker,
  'addEventListener' | 'removeEventListener' | 'postMessage' | 'terminate'
>;

/**
 * A worker behind Comlink whose calls always settle. Comlink never settles a call to a worker that died, so every call
 * here also waits for the worker's death.
 */
export class RemoteWorker<Api> {
  /** The worker's functions; their answers go through {@link RemoteWorker.call}. */
  readonly api: Remote<Api>;
  private readonly worker: WorkerLike;
  private readonly waiting = new Set<(error: TiebreakError) => void>();
  private failure: TiebreakError | undefined;

  /** `died` makes the error for a worker that stopped, and why; undefined: its script, or one that it needs, did not arrive. */
  constructor(worker: WorkerLike, died: (why: string | undefined) => TiebreakError) {
    this.worker = worker;
    this.api = wrap<Api>(worker);
    // An uncaught error leaves the worker in an unknown state, so it ends even if it could go on.
    worker.addEventListener('error', (event) => {
      // Else it would go on as an uncaught error of whoever started the worker, and end that one too.
      event.preventDefault();
      this.end(died(event.message));
    });
    worker.addEventListener('messageerror', () => this.end(died('a message was unreadable')));
  }

  /** Has the worker died or been ended? */
  get dead(): boolean {
    return this.failure !== undefined;
  }

  /** The value of an answer; rejects with the error it carries, or when the worker dies. */
  async call<T>(answer: Promise<Outcome<T>>): Promise<T> {
    const result = await this.settled(answer);
    if (!result.ok) throw TiebreakError.fromPlain(result.error);
    return result.value;
  }

  /** An answer as it is, for functions that cannot fail; rejects when the worker dies. */
  settled<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.waiting.add(reject);
      answer
        .then(resolve, (thrown) => reject(asTiebreakError(thrown)))
        .finally(() => this.waiting.delete(reject));
    });
  }

  /** Ends the worker at once; what is still waiting rejects with `reason`. */
  end(reason: TiebreakError = aborted()): void {
    this.failure ??= reason;
    this.worker.terminate();
    for (const reject of this.waiting) reject(this.failure);
    this.waiting.clear();
  }
}
