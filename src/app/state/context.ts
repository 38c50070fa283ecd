import { createContext } from 'react';
import type { RunClient } from './client.ts';
import { useProvided } from './use-selected.ts';

/** The run worker, for screens that ask it for more than the store does. */
export const ClientContext = createContext<RunClient | null>(null);

/** The run worker. */
export function useClient(): RunClient {
  return useProvided(ClientContext, 'ClientContext');
}
