import { TiebreakError } from '../domain/errors.ts';
import type { PackageFiles } from '../storage/package-files.ts';

/** Formats of weights that Tiebreak does not read. */
type ForeignFormat = 'gguf' | 'pytorch' | 'consolidated' | 'onnx';

/** A file that holds weights in a format that Tiebreak does not read. */
interface Foreign {
  format: ForeignFormat;
  file: string;
}

const BY_NAME: [RegExp, ForeignFormat][] = [
  [/\.gguf$/i, 'gguf'],
  [/^(?:pytorch|adapter)_model.*\.bin(?:\.index\.json)?$/, 'pytorch'],
  [/^consolidated.*\.safetensors$/, 'consolidated'],
  [/\.(?:bin|pt|pth)$/i, 'pytorch'],
  [/\.onnx$/i, 'onnx'],
];
/** Files that a training run leaves beside the weights, in the same formats. */
const NO_WEIGHTS = /^(?:training_args|optimizer|scheduler|scaler|rng_state).*\.(?:bin|pt|pth)$/;

/** Names to try in a folder that cannot be listed. */
const USUAL = {
  checkpoint: [
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
    'consolidated.safetensors',
    'consolidated.00.pth',
  ],
  adapter: ['adapter_model.bin'],
};

/**
 * Finds weights of another format among file names, by the most specific pattern that matches; null if there are none.
 */
export function foreignWeights(names: Iterable<string>): Foreign | null {
  const all = [...names];
  for (const [pattern, format] of BY_NAME) {
    const file = all.find((name) => pattern.test(name) && !NO_WEIGHTS.test(name));
    if (file !== undefined) return { format, file };
  }
  return null;
}

/** The error `model/format` for weights in another format. */
export function foreignError({ format, file }: Foreign): TiebreakError {
  return new TiebreakError('model/format', { params: { file, format }, place: { file } });
}

/** Recognises, by its first bytes, a file of another format that was renamed to `.safetensors`; null for any other. */
export function foreignBytes(prefix: Uint8Array): ForeignFormat | null {
  const [a, b, c, d] = prefix;
  if (a === 0x47 && b === 0x47 && c === 0x55 && d === 0x46) return 'gguf';
  const isZip = a === 0x50 && b === 0x4b && c === 3 && d === 4;
  const isPickle = a === 0x80 && b !== undefined && b >= 2 && b <= 5;
  return isZip || isPickle ? 'pytorch' : null;
}

/**
 * Runs `read`, which reads a checkpoint or an adapter. If it fails because a file is missing, and there are weights in
 * another format, the error says so.
 * @throws TiebreakError `model/format`, or whatever `read` throws.
 */
export async function explainForeign<T>(
  files: PackageFiles,
  kind: keyof typeof USUAL,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof TiebreakError) || thrown.code !== 'storage/missing') throw thrown;
    const found = foreignWeights((await files.names?.()) ?? (await present(files, USUAL[kind])));
    throw found === null ? thrown : foreignError(found);
  }
}

async function present(files: PackageFiles, names: readonly string[]): Promise<string[]> {
  const opened = await Promise.allSettled(names.map((name) => files.open(name)));
  return names.filter((_, i) => opened[i]!.status === 'fulfilled');
}
