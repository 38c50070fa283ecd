import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../src/model/config.ts';
import { type LinearName, linearShape, modulePath } from '../src/model/layer.ts';
import { bytesOf, safetensorsHeader, type TensorHeader } from '../src/model/safetensors.ts';
import { random } from '../testing/synthetic.ts';

/** Adds a random LoRA adapter without a score head to a package that `writeSyntheticPackage` wrote. */
export async function addSyntheticAdapter(
  directory: string,
  options: { name: string; rank: number; targets: readonly LinearName[]; firstLayer: number },
): Promise<void> {
  const { name, rank, targets, firstLayer } = options;
  const config = parseConfig(readFileSync(join(directory, 'config.json'), 'utf8'));
  const next = random(23);
  const tensors: TensorHeader[] = [];
  for (let layer = firstLayer; layer < config.numLayers; layer += 1) {
    for (const target of targets) {
      const { K, N } = linearShape(config, target);
      const module = `base_model.model.model.layers.${layer}.${modulePath(target)}`;
      tensors.push({ name: `${module}.lora_A.weight`, dtype: 'F32', shape: [rank, K] });
      tensors.push({ name: `${module}.lora_B.weight`, dtype: 'F32', shape: [N, rank] });
    }
  }
  const { bytes } = safetensorsHeader(tensors);
  const parts = tensors.map(({ shape }) =>
    bytesOf(Float32Array.from({ length: shape[0]! * shape[1]! }, () => 0.04 * (next() - 0.5))),
  );
  const folder = join(directory, 'adapters', name);
  await mkdir(folder, { recursive: true });
  const file = Buffer.concat([bytes, ...parts]);
  const settings = { peft_type: 'LORA', r: rank, lora_alpha: 2 * rank, target_modules: targets };
  const json = JSON.stringify(settings);
  await writeFile(join(folder, 'adapter_model.safetensors'), file);
  await writeFile(join(folder, 'adapter_config.json'), json);
  const path = join(directory, 'tiebreak.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  manifest.adapters.push({ name });
  // As in the package itself, no hash is computed.
  const entry = (size: number) => ({ bytes: size, sha256: '0'.repeat(64) });
  manifest.files[`adapters/${name}/adapter_model.safetensors`] = entry(file.length);
  manifest.files[`adapters/${name}/adapter_config.json`] = entry(json.length);
  writeFileSync(path, JSON.stringify(manifest));
}
