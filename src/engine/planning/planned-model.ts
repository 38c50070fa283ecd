import type { DecoderConfig } from '../../model/decoder.ts';
import type { Quantization } from '../../model/formats/quantization.ts';
import { INPUT_GROUPS, LINEAR_NAMES, type LinearName, linearShape } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';

/** The parts of an adapter that take memory, in bytes. */
export interface PlannedAdapter {
  targets: ReadonlySet<LinearName>;
  /** LoRA of each decoder layer, on the device. */
  layerBytes: number[];
  scoreBytes: number;
  /** Largest joined rank of matrices with the same input. */
  rank: number;
}

/** A model with the adapters in use, as plans need it. */
export interface PlannedModel {
  config: DecoderConfig;
  quantization: Quantization;
  adapters: PlannedAdapter[];
}

/**
 * The parts of a package that take memory with these adapters.
 * @param read reads an adapter; left out: from the package.
 * @throws TiebreakError as `ModelPackage.adapter` does.
 */
export async function plannedModel(
  pkg: ModelPackage,
  adapters: readonly (string | null)[],
  read = (name: string | null) => plannedAdapter(pkg, name),
): Promise<PlannedModel> {
  const { quantization } = pkg.manifest;
  const planned = await Promise.all([...new Set(adapters)].map(read));
  return { config: pkg.config, quantization, adapters: planned };
}

/** The parts of an adapter that take memory; null: of the base model's own score head. @throws TiebreakError */
export async function plannedAdapter(
  pkg: ModelPackage,
  name: string | null,
): Promise<PlannedAdapter> {
  const { config } = pkg;
  const adapter = name === null ? null : await pkg.adapter(name);
  const layers = Array.from({ length: config.numLayers }, (_, i) => adapter?.layers.at(i));
  const ranks = layers.flatMap((pairs) =>
    INPUT_GROUPS.map((group) =>
      group.reduce((sum, name: LinearName) => sum + (pairs?.get(name)?.rank ?? 0), 0),
    ),
  );
  return {
    targets: new Set(LINEAR_NAMES.filter((name) => layers.some((pairs) => pairs?.has(name)))),
    layerBytes: layers.map((pairs) =>
      [...(pairs ?? [])].reduce((sum, [name, { rank }]) => {
        const { K, N } = linearShape(config, name);
        return sum + 4 * rank * (K + N);
      }, 0),
    ),
    scoreBytes: 4 * 3 * config.hiddenSize,
    rank: Math.max(1, ...ranks),
  };
}
