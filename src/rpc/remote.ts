import { type Endpoint, expose, proxy, type Remote, transferHandlers, wrap } from 'comlink';
import { aborted, asTiebreakError, type PlainError, TiebreakError } from '../domain/errors.ts';
import { type Client, clientOf } from './methods.ts';

// By default Comlink sends only the message, name and stack of an error. Code, place and action must arrive too, so
// errors cross as plain data. Both sides of a call need this handler, and have it by importing this module.
const thrown = transferHandlers.get('throw')!;
transferHandlers.set('throw', {
  canHandle: (value): value is { value: unknown } => thrown.canHandle(value),
  serialize: ({ value }: { value: unknown }) => [asTiebreakError(value).toPlain(), []],
  deserialize(plain: PlainError): never {
    throw TiebreakError.fromPlain(plain);
  },
});

/** The part of `Worker` that {@link RemoteWorker} uses; threads of Node have it too, through an adapter. */
export interface WorkerLike extends Endpoint {
  terminate(): void;
}

/** The part of an `ErrorEvent` that {@link RemoteWorker} uses; Node has no such class. */
interface WorkerFault {
  readonly message?: string;
  preventDefault(): void;
}

/**
 * Makes the error for a worker that stopped. `why` is undefined if its script, or one that it imports, did not load.
 */
export type Died = (why: string | undefined) => TiebreakError;

/**
 * Answers the calls of a {@link RemoteWorker} with the methods of `service`. Errors cross with code, place and action.
 * @param endpoint the source of the calls; by default the worker's own scope.
 */
export function serve<Api extends object>(service: Api, endpoint?: Endpoint): void {
  expose(service, endpoint);
}

/**
 * A worker behind Comlink whose calls always settle. Comlink never settles a call to a worker that died, so here the
 * worker's death rejects every pending call.
 */
export class RemoteWorker<Api> {
  /** The worker's methods. A function given as an argument is called back in this realm, not in the worker. */
  readonly api: Client<Api> = clientOf<Api>((method, args) => this.call(method, args));
  private readonly worker: WorkerLike;
  private readonly remote: Remote<Record<string, (...args: unknown[]) => unknown>>;
  private readonly waiting = new Set<(error: TiebreakError) => void>();
  private failure: TiebreakError | undefined;

  constructor(worker: WorkerLike, died: Died) {
    this.worker = worker;
    this.remote = wrap(worker);
    // An uncaught error leaves the worker in an unknown state, so the worker ends even if it could continue.
    worker.addEventListener('error', (event: Event) => {
      const fault = event as unknown as WorkerFault;
      // Otherwise the error would reach the realm that started the worker as uncaught, and end that one too.
      fault.preventDefault();
      this.end(died(fault.message));
    });
    worker.addEventListener('messageerror', () => this.end(died('a message was unreadable')));
  }

  /** True once the worker has died or been ended. */
  get dead(): boolean {
    return this.failure !== undefined;
  }

  /** Calls a method by its name; {@link RemoteWorker.api} does so with types. */
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

  /** Terminates the worker at once; pending and later calls reject with `reason`, or with that of its earlier death. */
  end(reason: TiebreakError = aborted()): void {
    this.failure ??= reason;
    this.worker.terminate();
    for (const reject of this.waiting) reject(this.failure);
    this.waiting.clear();
  }
}
