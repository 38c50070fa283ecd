import { expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { isMemoryFailure } from '../../../src/engine/device/memory-failure.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { builtPackage } from '../../../testing/checkpoints.ts';
import { largestDifference, referenceCases, TOLERANCE } from '../../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';

test('a heap that is too small for a batch is a memory failure, and smaller ones are computed rightly', {
  timeout: 60_000,
}, async () => {
  const { Memory } = WebAssembly;
  // 32 MiB, of which ONNX Runtime takes half at its start.
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super({ ...descriptor, maximum: 512 });
    }
  };
  const pkg = await ModelPackage.open(await builtPackage('tiny-d/base-bnb-4bit'));
  const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
  await engine.setAdapter('adapter');
  const ids = Int32Array.from({ length: 256 }, (_, i) => 3 + (i % 500));
  const failure = await engine.logits(Array<Int32Array>(24).fill(ids)).catch((error) => error);
  expect(failure).toMatchObject({ code: 'engine/failed' });
  expect(isMemoryFailure(failure)).toBe(true);
  const { tokens, expected } = referenceCases().find(({ name }) => name === 'tiny-d-nf4')!;
  const logits = rowsOf(await engine.logits(tokenRows(tokens)));
  expect(largestDifference(logits, expected.adapter)).toBeLessThan(TOLERANCE);
  WebAssembly.Memory = Memory;
});
