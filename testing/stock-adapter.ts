import type { Backend } from '../src/engine/device/backend.ts';
import { loadOrt } from '../src/engine/ort/runtime.ts';
import { adapterDirectory } from '../src/model/manifest.ts';
import type { ModelPackage } from '../src/model/package.ts';
import { readAll } from '../src/storage/package-files.ts';
import { rowsOf } from './token-rows.ts';

/** Computes logits with a package's whole-classifier graph, like any user of ONNX Runtime: padded rows and a mask. */
export async function stockLogits(
  backend: Backend,
  { manifest, files }: ModelPackage,
  tokens: readonly (readonly number[])[],
  adapter: string | null,
): Promise<number[][]> {
  const ort = await loadOrt(backend);
  const external = [...manifest.shards];
  if (adapter !== null) external.push(`${adapterDirectory(adapter)}/adapter_model.safetensors`);
  const session = await ort.InferenceSession.create(
    await readAll(files, adapter === null ? 'model.onnx' : `model_${adapter}.onnx`),
    {
      executionProviders: ['wasm'],
      externalData: await Promise.all(
        external.map(async (path) => ({ path, data: await readAll(files, path) })),
      ),
    },
  );
  const S = Math.max(...tokens.map((row) => row.length));
  const matrix = (value: (row: readonly number[], i: number) => number) => {
    const values = tokens.flatMap((row) =>
      Array.from({ length: S }, (_, i) => BigInt(value(row, i))),
    );
    return new ort.Tensor('int64', BigInt64Array.from(values), [tokens.length, S]);
  };
  const { logits } = await session.run({
    input_ids: matrix((row, i) => row[i] ?? 0),
    attention_mask: matrix((row, i) => (i < row.length ? 1 : 0)),
  });
  await session.release();
  return rowsOf(logits!.data as Float32Array, logits!.dims[1]);
}
