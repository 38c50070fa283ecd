import { createContext } from 'react';
import type { RunClient } from './client.ts';
import { useProvided } from './use-selected.ts';

/** The run worker, for screens that need more of it than the store offers. */
export const ClientContext = createContext<RunClient | null>(null);

/** Returns the run worker. */
export function useClient(): RunClient {
  return useProvided(ClientContext, 'ClientContext');
}
