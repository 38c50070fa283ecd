import { adapterMatrices, matrixValues, readAdapter } from '../../src/model/adapter.ts';
import { openBnb4, readBnb4 } from '../../src/model/bnb4.ts';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { parseConfig } from '../../src/model/config.ts';
import { parseManifest } from '../../src/model/manifest.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { readText } from '../../src/storage/package-files.ts';
import type { Dice } from './dice.ts';
import {
  checkAdapter,
  checkConfig,
  checkManifest,
  checkPlacement,
  checkTensors,
  rule,
} from './invariants.ts';
import { mutateBytes, mutateSafetensors, mutateText } from './mutate-bytes.ts';
import {
  adapterSettings,
  BNB_STATE,
  bnbLayer,
  MANIFEST_TEXT,
  readFixture,
  readFixtureText,
  smallCheckpoint,
} from './seeds.ts';
import type { WatchedFiles } from './watched.ts';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** A reader of external files. */
export interface Target {
  name: string;
  /** Makes files that are almost valid. */
  make(dice: Dice): Files;
  /** Reads them and checks the result, which must keep the rules of its format. */
  read(files: WatchedFiles): Promise<void>;
}

const ADAPTER = 'adapter_model.safetensors';
const SETTINGS = 'adapter_config.json';
const configs = ['tiny-a/base', 'tiny-d/base', 'tiny-a/base-bnb-4bit'].map((model) =>
  readFixtureText(`${model}/config.json`),
);
const tinyA = parseConfig(configs[0]!);
const weights = readFixture(`tiny-a/adapter/${ADAPTER}`);
const settings = adapterSettings();
const checkpoint = smallCheckpoint();
const encode = (text: string) => new TextEncoder().encode(text);

async function readAnyAdapter(files: WatchedFiles): Promise<void> {
  const adapter = await readAdapter(files, '', 'fuzz', tinyA);
  checkAdapter(adapter, tinyA);
  const matrices = adapterMatrices(adapter);
  const { size } = await readSafetensors(await files.open(ADAPTER));
  rule(matrices.length === size, 'every tensor of the adapter is used');
  for (const matrix of matrices) {
    const values = await matrixValues(matrix);
    rule(values.length === matrix.shape[0]! * matrix.shape[1]!, `${matrix.name}: its values`);
  }
}

async function readAnyCheckpoint(files: WatchedFiles): Promise<void> {
  const { config, tensors } = await openCheckpoint(files);
  checkConfig(config);
  checkTensors(tensors);
  await checkPlacement(files, tensors);
}

/** Every reader of the import. */
export const TARGETS: readonly Target[] = [
  {
    name: 'safetensors',
    make: (dice) => {
      const file = dice.chance(0.7) ? weights : bnbLayer('nf4', encode(BNB_STATE), true);
      return new Map([[ADAPTER, mutateSafetensors(dice, file)]]);
    },
    read: async (files) => {
      const tensors = await readSafetensors(await files.open(ADAPTER));
      checkTensors(tensors);
      for (const tensor of tensors.values()) {
        rule((await tensorBytes(tensor)).length === tensor.end - tensor.start, tensor.name);
      }
    },
  },
  {
    name: 'config',
    make: (dice) => new Map([['config.json', mutateText(dice, dice.pick(configs))]]),
    read: async (files) => checkConfig(parseConfig(await readText(files, 'config.json'))),
  },
  {
    name: 'manifest',
    make: (dice) => new Map([[MANIFEST, mutateText(dice, MANIFEST_TEXT)]]),
    read: async (files) => checkManifest(parseManifest(await readText(files, MANIFEST))),
  },
  {
    name: 'shard index',
    make: (dice) => {
      const index = new TextDecoder().decode(checkpoint.get('model.safetensors.index.json'));
      return new Map([
        ...checkpoint,
        ['model.safetensors.index.json', mutateText(dice, index)] as const,
      ]);
    },
    read: readAnyCheckpoint,
  },
  {
    name: 'checkpoint',
    make: (dice) => {
      const files: Files = new Map(checkpoint);
      for (let n = 1 + dice.below(2); n > 0; n -= 1) {
        const path = dice.pick([...files.keys()]);
        const fate = dice.next();
        if (fate < 0.05) files.delete(path);
        else if (fate < 0.1) files.set(path, files.get(dice.pick([...files.keys()]))!);
        else files.set(path, mutateAgain(dice, path, files.get(path)!));
      }
      return files;
    },
    read: readAnyCheckpoint,
  },
  {
    name: 'adapter settings',
    make: (dice) =>
      new Map([
        [SETTINGS, mutateText(dice, settings)],
        [ADAPTER, weights],
      ]),
    read: readAnyAdapter,
  },
  {
    name: 'adapter weights',
    make: (dice) =>
      new Map([
        [SETTINGS, encode(settings)],
        [ADAPTER, mutateSafetensors(dice, weights)],
      ]),
    read: readAnyAdapter,
  },
  {
    name: 'bitsandbytes layer',
    make: (dice) => {
      const state = dice.chance(0.7) ? mutateText(dice, BNB_STATE) : encode(BNB_STATE);
      const layer = bnbLayer(dice.pick(['nf4', 'fp4']), state, dice.chance(0.7));
      return new Map([['layer', dice.chance(0.4) ? mutateSafetensors(dice, layer) : layer]]);
    },
    read: async (files) => {
      const tensors = await readSafetensors(await files.open('layer'));
      const { codes, absmax } = await readBnb4(await openBnb4(tensors, 'w', [2, 128]));
      rule(codes.length === 128 && absmax.length === 4, 'codes and scales of the layer');
      rule(absmax.every(Number.isFinite), 'finite scales');
    },
  },
];

/** Mutates a file that an earlier mutation may have made unreadable. */
function mutateAgain(
  dice: Dice,
  path: string,
  file: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  try {
    if (path.endsWith('.json')) return mutateText(dice, new TextDecoder().decode(file));
    return mutateSafetensors(dice, file);
  } catch {
    return mutateBytes(dice, file);
  }
}
