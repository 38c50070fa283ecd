import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { isMemoryFailure } from '../device/memory-failure.ts';
import type { Resident } from './layers.ts';

/** How far loading came before it failed, in decoder layers. */
interface LoadedSoFar {
  layers: number;
  total: number;
}

// Of the layers that fitted, so many stay; the rest of the memory is for two streamed layers and for computing.
const KEPT = 0.6;

/**
 * How many layers to keep on a device whose memory was too small to load them.
 * @returns null when fewer are not possible.
 */
export function fewerLayers(resident: Resident, { layers, total }: LoadedSoFar): number | null {
  const previous = resident === 'all' ? total : Math.min(resident, total);
  if (previous === 0) return null;
  return Math.min(previous - 1, Math.max(0, Math.floor(KEPT * layers) - 1));
}

/**
 * Starts something that loads a model. When memory is too small for all layers, it is started again with fewer of them
 * on the device (low-memory mode); what was started must have freed everything when it rejects.
 * @param start loads with so many layers, and tells how far it is.
 * @returns what was started, and how many layers stay on the device.
 * @throws TiebreakError what `start` throws, `gpu/out-of-memory` when not even two layers fit.
 */
export async function withFewerLayers<T>(
  wanted: Resident,
  start: (resident: Resident, onLayers: (layers: number, total: number) => void) => Promise<T>,
): Promise<{ value: T; resident: Resident }> {
  let resident = wanted;
  for (;;) {
    const soFar: LoadedSoFar = { layers: 0, total: 0 };
    try {
      const value = await start(resident, (layers, total) =>
        Object.assign(soFar, { layers, total }),
      );
      return { value, resident };
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      // Before the first layer there is nothing that could be left out.
      const next = isMemoryFailure(error) && soFar.total > 0 ? fewerLayers(resident, soFar) : null;
      if (next !== null) {
        resident = next;
        continue;
      }
      if (!isMemoryFailure(error)) throw error;
      throw new TiebreakError('gpu/out-of-memory:layers', {
        params: { reason: error.message },
        cause: error,
      });
    }
  }
}
