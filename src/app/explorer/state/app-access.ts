import type { TiebreakError } from '../../../domain/errors.ts';
import type { AppState } from '../../page/state.ts';
import type { RunClient } from '../../state/client.ts';
import type { Readable } from '../../state/store.ts';

/** The part of the page's store that the explorer needs. */
export interface AppAccess extends Readable<AppState> {
  readonly worker: { noticeDeath(error: TiebreakError): void };
}

/** The methods of the run worker that the explorer needs. */
export type ExploreClient = Pick<RunClient, 'explore' | 'stopExploring' | 'readTokens' | 'readRow'>;
