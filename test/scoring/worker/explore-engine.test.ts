import { expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../../../src/domain/settings.ts';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import type { ModelLane } from '../../../src/scoring/lanes/start-lanes.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { orderScores } from '../../../src/stats/pair/order-scores.ts';
import { inlinePool } from '../../../src/tokens/pool/pool.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { makeRows, type TestRow, toyTokenizer } from '../../../testing/runs.ts';

/** A real model as a lane. Unlike a fake one, its last digits depend on the batch. */
async function realLane(): Promise<ModelLane> {
  const files = await builtPackage('tiny-a/base');
  const engine = await Engine.load(await ModelPackage.open(files), await openNodeBackend('wasm'));
  await engine.setAdapter('adapter');
  return {
    get info() {
      return engine.info;
    },
    bounds: engine.bounds,
    model: {
      name: 'tiny',
      sha256: 'f'.repeat(64),
      notice: null,
      adapters: [{ name: 'adapter', notice: null }],
      baseHasHead: true,
      flops: { token: 1000, square: 10 },
      engine: engine.info,
    },
    dead: false,
    setAdapters: (names) => engine.setAdapters(names),
    logits: (rows, signal) => engine.logits(rows, signal),
    close: () => undefined,
  };
}

test('a pair has the probabilities of a run of it, to the last bit', async () => {
  const lane = await realLane();
  const service = new RunService({
    lane: async () => lane,
    pool: async () => inlinePool(toyTokenizer),
  });
  await service.loadModel({ source: { kind: 'url', url: 'model' } }, () => {});
  const settings: RunSettings = {
    ...DEFAULT_SETTINGS,
    tta: true,
    maxLength: 200,
    textMode: 'clean',
  };
  for (const seed of [31, 32]) {
    const [pair] = makeRows(1, seed) as [TestRow];
    await service.openCsv(new File([toKaggleCsv([pair])], 'one.csv'), settings, () => {});
    for (const adapters of [['adapter'], [null], ['adapter', null]]) {
      const found: number[] = [];
      await service.start({ adapters, settings }, (events: RunEvent[]) => {
        for (const event of events) {
          if (event.type === 'results') found.push(...event.probabilities);
        }
      });
      expect(found).toHaveLength(3);
      // The same if others are asked at the same time, for comparison.
      for (const asked of [adapters, [null, 'adapter']]) {
        const { logits, adapters: names } = await service.explore({
          texts: [
            { pair, swapped: false },
            { pair, swapped: true },
          ],
          adapters: asked,
          settings,
        });
        expect(orderScores(logits, names, adapters, 0, 1).mean).toEqual(found);
      }
    }
  }
}, 60_000);
