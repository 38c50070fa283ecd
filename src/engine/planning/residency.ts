import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import { isMemoryFailure } from '../device/memory-failure.ts';
import type { Resident } from './layers.ts';

/** Decoder layers that were loaded before loading failed, and their total. */
interface LoadedSoFar {
  layers: number;
  total: number;
}

// Of the layers that fitted, this share stays; the other memory is for two streamed layers and for computing.
const KEPT = 0.6;

/**
 * Number of layers to keep on a device whose memory was too small for `resident`.
 * @returns null if none were kept already.
 */
export function fewerLayers(resident: Resident, { layers, total }: LoadedSoFar): number | null {
  const previous = resident === 'all' ? total : Math.min(resident, total);
  if (previous === 0) return null;
  return Math.min(previous - 1, Math.max(0, Math.floor(KEPT * layers) - 1));
}

/**
 * Calls `start`, which loads a model. If memory is too small for all layers, calls it again with fewer of them
 * resident, until it succeeds.
 * @param start loads with `resident` layers on the device and reports its progress to `onLayers`. It must have freed
 * all
 *   memory when it rejects.
 * @returns its result, and the number of resident layers.
 * @throws TiebreakError of `start`; `gpu/out-of-memory` if not even two layers fit.
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
      // If loading failed before the first layer, fewer layers would not help.
      const next = isMemoryFailure(error) && soFar.total > 0 ? fewerLayers(resident, soFar) : null;
      if (next !== null) {
        resident = next;
        continue;
      }
      if (!isMemoryFailure(error)) throw error;
      throw new TiebreakError('gpu/out-of-memory:layers', {
        params: { reason: error.toPlain() },
        cause: error,
      });
    }
  }
}
