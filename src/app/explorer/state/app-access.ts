import type { TiebreakError } from '../../../domain/errors.ts';
import type { AppState } from '../../page/state.ts';
import type { RunClient } from '../../state/client.ts';
import type { Readable } from '../../state/store.ts';

/** What the explorer needs of the page's store. */
export interface AppAccess extends Readable<AppState> {
  readonly worker: { noticeDeath(error: TiebreakError): void };
}

/** What the explorer needs of the run worker. */
export type ExploreClient = Pick<RunClient, 'explore' | 'stopExploring' | 'readTokens' | 'readRow'>;
