import { expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { engineService } from '../../../src/scoring/lanes/engine-service.ts';
import type { LoadProgress } from '../../../src/scoring/lanes/model-request.ts';
import type { MemoryFiles } from '../../../src/storage/package-files.ts';
import { builtPackage, refusal } from '../../../testing/checkpoints.ts';

const rows = [Int32Array.of(2, 5, 9, 1), Int32Array.of(2, 7, 1)];
const ids = Int32Array.from(rows.flatMap((row) => [...row]));
const lengths = Uint32Array.from(rows, (row) => row.length);

/** The service as in a process without a browser. */
async function service(given?: MemoryFiles) {
  const files = given ?? (await builtPackage('tiny-a/base'));
  const held: unknown[] = [];
  const engine = engineService({
    openBackend: () => openNodeBackend('wasm'),
    openFiles: () => files,
    holdFiles: async (source) => held.push(source),
    kernelCache: () => ({ get: async () => null, set: async () => {} }),
  });
  return { engine, files, held };
}
const source = { kind: 'stored', id: 'tiny', name: 'tiny' } as const;

test('gives the logits of the engine, with what its host opens', async () => {
  const { engine, files, held } = await service();
  const progress: LoadProgress[] = [];
  const { model } = await engine.load({ source }, (step) => void progress.push(step));
  expect(held).toEqual([source]);
  expect(progress[0]).toEqual({ step: 'device', fraction: 0 });
  expect(progress.at(-1)).toMatchObject({ step: 'weights', fraction: 1 });
  expect(model).toMatchObject({ baseHasHead: true, engine: { executor: 'ort' } });
  const alone = await Engine.load(await ModelPackage.open(files), await openNodeBackend('wasm'));
  await alone.setAdapters([null, 'adapter']);
  await engine.setAdapters([null, 'adapter']);
  expect(await engine.logits(ids, lengths)).toEqual(await alone.logits(rows));
});

test('says that no model is loaded, and passes through no part of the layers in ONNX Runtime', async () => {
  const { engine } = await service();
  await expect(engine.logits(ids, lengths)).rejects.toMatchObject({ code: 'engine/not-loaded' });
  await engine.load({ source }, () => {});
  await expect(engine.hiddenAfter(ids, lengths, 1, 0)).rejects.toThrow('no part of the layers');
});

test('a model with two labels reads pairs without ties', async () => {
  const { engine } = await service(await builtPackage('mistral-a/base-bnb-4bit', { adapters: [] }));
  const { model } = await engine.load({ source }, () => {});
  expect(model.engine.reading).toBe('pair-no-tie');
  expect(await engine.logits(ids, lengths)).toHaveLength(2 * rows.length);
});

test('a reward model without a chat template is refused, since its text is unknown', async () => {
  const files = await builtPackage('qwen3-a/base-bnb-4bit');
  const engine = engineService({
    openBackend: () => expect.fail('the device was opened'),
    openFiles: () => files,
    holdFiles: async () => undefined,
    kernelCache: () => ({ get: async () => null, set: async () => {} }),
  });
  const error = await refusal(engine.load({ source }, () => {}));
  expect(error.code).toBe('model/labels');
  expect(error.message).toContain('no chat template');
  expect(error.action).toContain('chat_template.jinja');
});
