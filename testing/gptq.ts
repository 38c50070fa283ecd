import { buildPackage } from '../src/import/build.ts';
import { encodeFloat16 } from '../src/model/dtype.ts';
import { LINEAR_NAMES, tensorName } from '../src/model/layer.ts';
import { ModelPackage } from '../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../src/model/safetensors.ts';
import type { MemoryFiles } from '../src/storage/package-files.ts';
import { MemorySink } from '../src/storage/sink.ts';
import { fixtureFiles, fixtureJson, memory, safetensors } from './checkpoints.ts';
import { random, shuffle } from './synthetic.ts';

/** The form of a checkpoint in GPTQ. */
export interface GptqForm {
  bits: 4 | 8;
  /** Features that share a scale; -1 for all of them. */
  group: number;
  /** True if features are mixed among groups. */
  actOrder: boolean;
  /** True for AutoGPTQ's first format, which stores zero points minus one. */
  storesOneLess: boolean;
}

/** Packs numbers bit by bit, by the definition of the format: without words or shifts of the code under test. */
export function packedWords(values: readonly number[], bits: number): Uint32Array<ArrayBuffer> {
  const digits = values.flatMap((value) =>
    [...value.toString(2).padStart(bits, '0')].reverse().map(Number),
  );
  return Uint32Array.from({ length: digits.length / 32 }, (_, w) =>
    digits.slice(32 * w, 32 * w + 32).reduce((sum, digit, i) => sum + digit * 2 ** i, 0),
  );
}

/** A reference model whose linear layers are random codes. */
export async function gptqCheckpoint(model: string, form: GptqForm): Promise<MemoryFiles> {
  const { bits, group, actOrder, storesOneLess } = form;
  const next = random(bits + group);
  const config = fixtureJson(`${model}/base/config.json`);
  const file = await fixtureFiles(`${model}/base`).open('model.safetensors');
  const linears = new Set(
    Array.from({ length: config.num_hidden_layers as number }, (_, layer) =>
      LINEAR_NAMES.map((name) => tensorName.linear(layer, name)),
    ).flat(),
  );
  const tensors: Parameters<typeof safetensors>[0] = [];
  for (const entry of (await readSafetensors(file)).values()) {
    const { name, dtype, shape } = entry;
    if (linears.has(name))
      tensors.push(...randomLinear(name, shape as [number, number], form, next));
    else tensors.push({ name, dtype, shape, data: await tensorBytes(entry) });
  }
  const settings = {
    ...{ quant_method: 'gptq', bits, group_size: group, desc_act: actOrder },
    checkpoint_format: storesOneLess ? 'gptq' : 'gptq_v2',
  };
  return memory({
    'config.json': JSON.stringify({ ...config, quantization_config: settings }),
    'model.safetensors': safetensors(tensors),
  });
}

/** A package of such a model, and of the reference model's adapter. */
export async function gptqPackage(
  model: string,
  form: GptqForm,
  quant: 'keep' | 'none',
): Promise<ModelPackage> {
  const sink = new MemorySink();
  const base = await gptqCheckpoint(model, form);
  const adapters = [{ name: 'adapter', files: fixtureFiles(`${model}/adapter`) }];
  await buildPackage({ base, adapters, quant, name: 'random' }, sink);
  return ModelPackage.open(sink.files);
}

function randomLinear(
  weight: string,
  [N, K]: [number, number],
  { bits, group, actOrder, storesOneLess }: GptqForm,
  next: () => number,
): Parameters<typeof safetensors>[0] {
  const below = (n: number) => Math.floor(next() * n);
  const module = weight.replace('.weight', '');
  const groups = group === -1 ? 1 : K / group;
  const groupOf = Int32Array.from({ length: K }, (_, k) => Math.floor((k * groups) / K));
  if (actOrder) shuffle(groupOf, below);
  const qweight = new Uint32Array((K * N * bits) / 32);
  for (let n = 0; n < N; n += 1) {
    const codes = Array.from({ length: K }, () => below(2 ** bits));
    for (const [w, word] of packedWords(codes, bits).entries()) qweight[w * N + n] = word;
  }
  // Around the middle, so that products do not grow from layer to layer.
  const zeros = Array.from({ length: groups * N }, () => 2 ** (bits - 2) + below(2 ** (bits - 1)));
  const qzeros = packedWords(
    zeros.map((zero) => (storesOneLess ? zero - 1 : zero)),
    bits,
  );
  const scales = Float32Array.from({ length: groups * N }, () => (0.2 * (1 + next())) / 2 ** bits);
  return [
    { name: `${module}.qweight`, dtype: 'I32', shape: [(K * bits) / 32, N], data: qweight },
    { name: `${module}.qzeros`, dtype: 'I32', shape: [groups, (N * bits) / 32], data: qzeros },
    { name: `${module}.scales`, dtype: 'F16', shape: [groups, N], data: encodeFloat16(scales) },
    { name: `${module}.g_idx`, dtype: 'I32', shape: [K], data: groupOf },
  ];
}
