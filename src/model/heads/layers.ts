import { errorAt, type TiebreakError } from '../../domain/errors.ts';
import type { DecoderConfig } from '../decoder.ts';
import type { TensorEntry } from '../safetensors.ts';
import { type Head, LINEAR, labelsOfHead, MAX_LABELS } from './head.ts';

/** A linear layer of a head: weight [N, K], bias [N]. */
export interface HeadLayer<T = TensorEntry> {
  weight: T;
  /** Null if the layer adds none. */
  bias: T | null;
}

/** The linear layers of a head, one or two. */
export type HeadLayers<T = TensorEntry> = readonly HeadLayer<T>[];

/** Modules under which checkpoints and adapters keep heads: Transformers' and that of TRL's value heads. */
const ROOTS = ['score', 'v_head.summary'] as const;

/** A tensor's part in a head. */
export interface HeadPart {
  root: (typeof ROOTS)[number];
  /** Position in a `Sequential`, in which dropout and activation have numbers too; -1 for a single layer. */
  index: number;
  part: 'weight' | 'bias';
}

/**
 * The part that a tensor has in a head, by its name; null for any other tensor. PEFT's prefixes and its names for
 * `modules_to_save` may be in it.
 */
export function headPart(name: string): HeadPart | null {
  const plain = name.replace('.modules_to_save', '').replace('.default', '');
  const match = /(?:^|\.)(score|v_head\.summary)(?:\.(\d{1,3}))?\.(weight|bias)$/.exec(plain);
  const [, root, index, part] = match ?? [];
  if (root === undefined) return null;
  return {
    root: root as HeadPart['root'],
    index: index === undefined ? -1 : Number(index),
    part: part as HeadPart['part'],
  };
}

/** Makes the errors of {@link findHead} that differ between checkpoints and adapters. */
export interface HeadErrors {
  /** A tensor of another shape or type. */
  shape(entry: TensorEntry, expected: number[]): TiebreakError;
  /** A second head, or one tensor of a head twice. */
  twice(entry: TensorEntry): TiebreakError;
}

/**
 * Finds the head among tensors and checks its shapes: each layer's width, 1 to 3 labels.
 * @param most the most outputs of the last layer.
 * @returns null if there is none.
 * @throws TiebreakError those of `errors`, and `model/unsupported` for other numbers of layers and labels.
 */
export function findHead(
  tensors: Iterable<TensorEntry>,
  { hiddenSize }: DecoderConfig,
  errors: HeadErrors,
  most = MAX_LABELS,
): HeadLayers | null {
  const found = new Map<number, { weight?: TensorEntry; bias?: TensorEntry }>();
  const roots = new Set<HeadPart['root']>();
  for (const entry of tensors) {
    const part = headPart(entry.name);
    if (part === null) continue;
    const { root, index } = part;
    roots.add(root);
    const layer = found.get(index) ?? {};
    if (layer[part.part] !== undefined || roots.size > 1) throw errors.twice(entry);
    found.set(index, { ...layer, [part.part]: entry });
  }
  const sorted = [...found].sort(([a], [b]) => a - b).map(([, layer]) => layer);
  const [root] = roots;
  if (root === undefined) return null;
  const layers = sorted.map(({ weight, bias = null }): HeadLayer => {
    const entry = (weight ?? bias)!;
    if (weight !== undefined && weight.shape.length === 2) return { weight, bias };
    throw errorAt({ file: entry.source.name }, 'model/unsupported:head', { tensor: entry.name });
  });
  const last = layers.at(-1)!.weight;
  if (layers.length > 2 || (layers.length > 1 && found.has(-1))) {
    const params = { root, layers: layers.length };
    throw errorAt({ file: last.source.name }, 'model/unsupported:head-layers', params);
  }
  let width = hiddenSize;
  for (const { weight, bias } of layers) {
    const rows = weight.shape[0]!;
    checkHead(weight, [rows, width], errors);
    if (bias !== null) checkHead(bias, [rows], errors);
    width = rows;
  }
  if (width < 1 || width > most) {
    const params = { tensor: last.name, shape: last.shape };
    throw errorAt({ file: last.source.name }, 'model/unsupported:labels', params);
  }
  return layers;
}

function checkHead(entry: TensorEntry, expected: number[], errors: HeadErrors): void {
  const isFloat = ['F32', 'F16', 'BF16'].includes(entry.dtype);
  if (entry.shape.join() !== expected.join() || !isFloat) throw errors.shape(entry, expected);
}

/** Outputs of a head's last layer. */
export function outputsOf(layers: HeadLayers): number {
  return layers.at(-1)!.weight.shape[0]!;
}

/** True if layers are those of a head of this kind. */
export function isOfKind(head: Head, layers: HeadLayers): boolean {
  if (layers.length !== (head.kind === 'two-layer' ? 2 : 1)) return false;
  return head.kind !== 'verdict' || outputsOf(layers) === head.verdicts.flat().length;
}

/** Number of labels of a head. */
export function labelsOf(layers: HeadLayers, head: Head = LINEAR): number {
  return labelsOfHead(head, outputsOf(layers));
}

/** Names of a layer's tensors in a package, where the head lies at `score`. */
export function headTensorNames(layer: number, layers: number): Record<keyof HeadLayer, string> {
  // A two-layer head is named as `Sequential(Linear, activation, Linear)` names it.
  const module = layers === 1 ? 'score' : `score.${2 * layer}`;
  return { weight: `${module}.weight`, bias: `${module}.bias` };
}

/** Every tensor of a head. */
export function headTensors(layers: HeadLayers): TensorEntry[] {
  return layers.flatMap(({ weight, bias }) => (bias === null ? [weight] : [weight, bias]));
}

/** Bytes of a head on a device, where it is float32. */
export function headBytes(layers: HeadLayers): number {
  return headTensors(layers).reduce(
    (sum, { shape }) => sum + 4 * shape.reduce((n, d) => n * d, 1),
    0,
  );
}
