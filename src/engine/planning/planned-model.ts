import type { DecoderConfig } from '../../model/decoder.ts';
import type { Quantization } from '../../model/formats/quantization.ts';
import { headBytes } from '../../model/heads/layers.ts';
import { INPUT_GROUPS, LINEAR_NAMES, type LinearName, linearShape } from '../../model/layer.ts';
import type { ModelPackage } from '../../model/package.ts';

/** The parts of an adapter that take memory. */
export interface PlannedAdapter {
  targets: ReadonlySet<LinearName>;
  /** Bytes on the device of the LoRA matrices of each decoder layer. */
  layerBytes: number[];
  scoreBytes: number;
  /** Largest sum of ranks of matrices with the same input. */
  rank: number;
}

/** The facts about a model and the adapters in use from which memory is planned. */
export interface PlannedModel {
  config: DecoderConfig;
  quantization: Quantization;
  adapters: PlannedAdapter[];
}

/**
 * Reads the parts of a package that take memory with these adapters; no weights.
 * @param read reads an adapter. Default: from the package.
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

/** Reads the parts of an adapter that take memory; for null only the base model's score head. Throws as above. */
export async function plannedAdapter(
  pkg: ModelPackage,
  name: string | null,
): Promise<PlannedAdapter> {
  const { config } = pkg;
  const adapter = name === null ? null : await pkg.adapter(name);
  const head = adapter?.head ?? pkg.baseHead;
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
    // Without a head nothing runs, and nothing is placed.
    scoreBytes: head === null ? 0 : headBytes(head),
    rank: Math.max(1, ...ranks),
  };
}
