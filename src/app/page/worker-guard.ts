import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { type RunClient, WORKER_DEAD } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import type { AppState } from './state.ts';

/** The run worker as a whole, for every subject of the page: stops it, and notices its death. */
export class WorkerGuard {
  private readonly app: Writable<AppState, 'model' | 'csv'>;
  private readonly client: Pick<RunClient, 'cancel'>;

  constructor(app: Writable<AppState, 'model' | 'csv'>, client: Pick<RunClient, 'cancel'>) {
    this.app = app;
    this.client = client;
  }

  /** Cancels the worker's present task. */
  stop(): Promise<void> {
    return this.watched(this.client.cancel());
  }

  /** Waits for a call without an answer, which can fail only by the death of the worker. */
  watched(call: Promise<void>): Promise<void> {
    return call.catch((thrown) => this.noticeDeath(asTiebreakError(thrown)));
  }

  /** Records the death of the worker if the error means that; the new worker has neither model nor file. */
  noticeDeath(error: TiebreakError): void {
    if (error.code === WORKER_DEAD) this.app.set(afterDeath(this.app.getState(), error));
  }
}

/** Neither model nor file may look ready after the death of the worker. */
function afterDeath({ model, csv }: AppState, error: TiebreakError) {
  const change: Partial<Pick<AppState, 'model' | 'csv'>> = {};
  if (model.status !== 'failed') change.model = { status: 'failed', error };
  if (csv.status === 'ready') {
    const lost = new TiebreakError('page/file-lost', { code: WORKER_DEAD });
    change.csv = { status: 'failed', name: csv.summary.name, error: lost };
  }
  return change;
}
