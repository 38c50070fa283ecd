import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { type RunClient, WORKER_DEAD } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import type { AppState } from './state.ts';

/** What every subject of the page asks of the run worker as a whole: to stop, and to say when it has died. */
export class WorkerGuard {
  private readonly app: Writable<AppState, 'model' | 'csv'>;
  private readonly client: Pick<RunClient, 'cancel'>;

  constructor(app: Writable<AppState, 'model' | 'csv'>, client: Pick<RunClient, 'cancel'>) {
    this.app = app;
    this.client = client;
  }

  /** Stops whatever the worker is doing. */
  stop(): Promise<void> {
    return this.watched(this.client.cancel());
  }

  /** A call without an answer; all that can be wrong with it is that the worker died. */
  watched(call: Promise<void>): Promise<void> {
    return call.catch((thrown) => this.noticeDeath(asTiebreakError(thrown)));
  }

  /** Takes note that the worker died, where an error says so: a new one knows neither model nor file. */
  noticeDeath(error: TiebreakError): void {
    if (error.code === WORKER_DEAD) this.app.set(afterDeath(this.app.getState(), error));
  }
}

/** Neither model nor file may look ready. */
function afterDeath({ model, csv }: AppState, error: TiebreakError) {
  const change: Partial<Pick<AppState, 'model' | 'csv'>> = {};
  if (model.status !== 'failed') change.model = { status: 'failed', error };
  if (csv.status === 'ready') {
    const lost = new TiebreakError('page/file-lost', { code: WORKER_DEAD });
    change.csv = { status: 'failed', name: csv.summary.name, error: lost };
  }
  return change;
}
