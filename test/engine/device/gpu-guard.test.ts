import { expect, test } from 'vitest';
import { GpuGuard, type WatchedDevice } from '../../../src/engine/device/gpu-guard.ts';

/** A device whose loss the test controls. */
function deviceOf(): { guard: GpuGuard; lose: () => void } {
  let lose = () => {};
  const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    lose = () => resolve({ reason: 'unknown', message: 'gone' } as GPUDeviceLostInfo);
  });
  const device = {
    lost,
    addEventListener() {},
    pushErrorScope() {},
    popErrorScope: async () => null,
  } as unknown as WatchedDevice;
  return { guard: new GpuGuard(device), lose };
}

test('a failure caused by a loss that is reported only later counts as a loss', async () => {
  const { guard, lose } = deviceOf();
  const waiting = guard.outcome(Promise.reject(new Error('mapping was aborted')));
  setTimeout(lose, 20);
  await expect(waiting).rejects.toMatchObject({ code: 'gpu/lost' });
});

test('a result that fails without a loss fails as it did, and one that comes is given', async () => {
  const { guard } = deviceOf();
  await expect(guard.outcome(Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  expect(await guard.outcome(Promise.resolve(3))).toBe(3);
});
