import { TiebreakError } from '../domain/errors.ts';
import type { PackageFiles } from '../storage/package-files.ts';

/** Formats of weights that Tiebreak does not read. */
type ForeignFormat = 'gguf' | 'pytorch' | 'consolidated' | 'onnx';

/** A file of weights in such a format. */
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
/** What a training run leaves beside the weights. */
const NO_WEIGHTS = /^(?:training_args|optimizer|scheduler|scaler|rng_state).*\.(?:bin|pt|pth)$/;

/** Fixed names, to be looked for where a folder cannot be listed. */
const USUAL = {
  checkpoint: [
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
    'consolidated.safetensors',
    'consolidated.00.pth',
  ],
  adapter: ['adapter_model.bin'],
};

/** Weights of another format among these names of files, the most telling first; null when there are none. */
export function foreignWeights(names: Iterable<string>): Foreign | null {
  const all = [...names];
  for (const [pattern, format] of BY_NAME) {
    const file = all.find((name) => pattern.test(name) && !NO_WEIGHTS.test(name));
    if (file !== undefined) return { format, file };
  }
  return null;
}

/** The error `model/format` for such weights. */
export function foreignError({ format, file }: Foreign): TiebreakError {
  return new TiebreakError('model/format', { params: { file, format }, place: { file } });
}

/** The format of a file by its first bytes, where that is one which is commonly renamed to `.safetensors`. */
export function foreignBytes(prefix: Uint8Array): ForeignFormat | null {
  const [a, b, c, d] = prefix;
  if (a === 0x47 && b === 0x47 && c === 0x55 && d === 0x46) return 'gguf';
  const isZip = a === 0x50 && b === 0x4b && c === 3 && d === 4;
  const isPickle = a === 0x80 && b !== undefined && b >= 2 && b <= 5;
  return isZip || isPickle ? 'pytorch' : null;
}

/**
 * What reading a checkpoint or an adapter gives; where a file is missing because the weights are in another format, the
 * error says so.
 * @throws TiebreakError `model/format`; what `read` throws.
 */
export async function orForeign<T>(
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
