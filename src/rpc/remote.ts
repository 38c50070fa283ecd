import { type Endpoint, expose, proxy, type Remote, transferHandlers, wrap } from 'comlink';
import { aborted, asTiebreakError, type PlainError, TiebreakError } from '../domain/errors.ts';
import { type Client, clientOf } from './methods.ts';

// Comlink sends message, name and stack of what was thrown. Code, place and action must arrive too, so errors cross as
// plain data. Both sides of every call import this module.
const thrown = transferHandlers.get('throw')!;
transferHandlers.set('throw', {
  canHandle: (value): value is { value: unknown } => thrown.canHandle(value),
  serialize: ({ value }: { value: unknown }) => [asTiebreakError(value).toPlain(), []],
  deserialize(plain: PlainError): never {
    throw TiebreakError.fromPlain(plain);
  },
});

/** The part of `Worker` that is used. */
export interface WorkerLike extends Endpoint {
  terminate(): void;
}

/** The part of an `ErrorEvent` that is used; Node has no such event. */
interface WorkerFault {
  readonly message?: string;
  preventDefault(): void;
}

/** Makes the error for a worker that stopped, and why; undefined: its script, or one that it needs, did not arrive. */
export type Died = (why: string | undefined) => TiebreakError;

/**
 * Answers the calls of a {@link RemoteWorker} with the methods of a service. What they throw crosses with code, place
 * and action.
 * @param endpoint where calls come from; left out: the worker's own scope.
 */
export function serve<Api extends object>(service: Api, endpoint?: Endpoint): void {
  expose(service, endpoint);
}

/**
 * A worker behind Comlink whose calls always settle. Comlink never settles a call to a worker that died, so every call
 * here also waits for the worker's death.
 */
export class RemoteWorker<Api> {
  /** The worker's methods. Functions among their arguments run on this side. */
  readonly api: Client<Api> = clientOf<Api>((method, args) => this.call(method, args));
  private readonly worker: WorkerLike;
  private readonly remote: Remote<Record<string, (...args: unknown[]) => unknown>>;
  private readonly waiting = new Set<(error: TiebreakError) => void>();
  private failure: TiebreakError | undefined;

  constructor(worker: WorkerLike, died: Died) {
    this.worker = worker;
    this.remote = wrap(worker);
    // An uncaught error leaves the worker in an unknown state, so it ends even if it could go on.
    worker.addEventListener('error', (event: Event) => {
      const fault = event as unknown as WorkerFault;
      // Else it would go on as an uncaught error of whoever started the worker, and end that one too.
      fault.preventDefault();
      this.end(died(fault.message));
    });
    worker.addEventListener('messageerror', () => this.end(died('a message was unreadable')));
  }

  /** True once the worker has died or been ended. */
  get dead(): boolean {
    return this.failure !== undefined;
  }

  /** Calls a method by its name; {@link RemoteWorker.api} is this with types. */
  call(method: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.waiting.add(reject);
      const sent = args.map((arg) => (typeof arg === 'function' ? proxy(arg) : arg));
      this.remote[method]!(...sent)
        .then(resolve, (error: unknown) => reject(asTiebreakError(error)))
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
