import { TiebreakError } from '../../../domain/errors.ts';
import type { FiguresWorkerApi, TableWorkerApi } from '../../../report/api.ts';
import { workerClient } from '../../../rpc/client.ts';
import type { Client } from '../../../rpc/methods.ts';
import type { WorkerLike } from '../../../rpc/remote.ts';

/** The page's clients of the workers of the report. */
export interface ReportClient {
  readonly table: Client<TableWorkerApi>;
  readonly figures: Client<FiguresWorkerApi>;
}

/** Starts the worker that reads the file. */
function spawnTableWorker(): WorkerLike {
  return new Worker(new URL('../../../report/table.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-table',
  });
}

/** Starts the worker that computes figures. */
function spawnFiguresWorker(): WorkerLike {
  return new Worker(new URL('../../../report/figures.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-figures',
  });
}

/**
 * Makes clients of both workers, which start with the first call. After the death of a worker every call fails until
 * the page is reloaded.
 */
export function createReportClient(
  spawnTable: () => WorkerLike = spawnTableWorker,
  spawnFigures: () => WorkerLike = spawnFiguresWorker,
): ReportClient {
  // A new worker would not have the report; only reloading the page makes it again.
  const options = { restarts: false };
  return {
    table: workerClient<TableWorkerApi>(spawnTable, died, options),
    figures: workerClient<FiguresWorkerApi>(spawnFigures, died, options),
  };
}

function died(why: string | undefined): TiebreakError {
  return new TiebreakError('page/report-worker-died', { params: { reason: why } });
}
