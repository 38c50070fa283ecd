import { describe, expect, test } from 'vitest';
import type { Resident } from '../../../src/engine/planning/layers.ts';
import { fewerLayers, withFewerLayers } from '../../../src/engine/planning/residency.ts';
import { refusal } from '../../../testing/checkpoints.ts';
import { errorOf } from '../../../testing/errors.ts';

describe('layers that stay where memory is short', () => {
  test('are fewer than those that fitted, and fewer every time', () => {
    expect(fewerLayers('all', { layers: 30, total: 42 })).toBe(17);
    expect(fewerLayers(17, { layers: 19, total: 19 })).toBe(10);
    expect(fewerLayers('all', { layers: 0, total: 42 })).toBe(0);
    expect(fewerLayers(0, { layers: 1, total: 2 })).toBeNull();
    for (let resident: Resident | null = 'all', steps = 0; resident !== null; steps += 1) {
      expect(steps).toBeLessThan(43);
      const total = resident === 'all' ? 42 : resident + 2;
      resident = fewerLayers(resident, { layers: total, total });
    }
  });

  /** A device with room for this many layers. */
  const device = (fits: number, tried: Resident[]) =>
    withFewerLayers('all', async (resident, onLayers) => {
      tried.push(resident);
      const total = resident === 'all' ? 42 : resident + 2;
      for (let layer = 0; layer < total; layer += 1) {
        if (layer >= fits) throw errorOf('gpu/out-of-memory', 'short');
        onLayers(layer + 1, total);
      }
      return 'loaded';
    });

  test.each([42, 41, 20, 5, 2])('a device with room for %i', async (fits) => {
    const tried: Resident[] = [];
    const { value, resident } = await device(fits, tried);
    expect(value).toBe('loaded');
    if (fits >= 42) expect(resident).toBe('all');
    else expect((resident as number) + 2).toBeLessThanOrEqual(fits);
    expect(tried.length).toBeLessThan(4);
  });

  test('too little for two layers is refused', async () => {
    const error = await refusal(device(1, []));
    expect(error.code).toBe('gpu/out-of-memory');
    expect(error.message).toContain('even with its layers read one by one');
  });

  test('other failures are not tried again', async () => {
    let tries = 0;
    const error = await refusal(
      withFewerLayers('all', async (_, onLayers) => {
        tries += 1;
        onLayers(1, 42);
        throw errorOf('package/tensor', 'out of memory is only a word here');
      }),
    );
    expect([error.code, tries]).toEqual(['package/tensor', 1]);
  });
});
