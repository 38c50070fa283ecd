import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/model/manifest.ts';
import { damageError, findDamage } from '../../../src/packages/download/damage.ts';
import { downloadPackage } from '../../../src/packages/download/download.ts';
import { planDownload } from '../../../src/packages/download/plan.ts';
import { repairPackage } from '../../../src/packages/download/repair.ts';
import { readSlices, saveSlices } from '../../../src/packages/download/slices.ts';
import { FileDigest } from '../../../src/storage/file-digest.ts';
import { HttpFiles } from '../../../src/storage/http-files.ts';
import { MemoryFiles } from '../../../src/storage/package-files.ts';
import { MemorySink } from '../../../src/storage/sink.ts';
import { differing, refusal } from '../../../testing/checkpoints.ts';
import { SLICE, samplePackage } from '../../../testing/download/sample.ts';
import { sendFile, serve, type TestServer } from '../../../testing/http-server.ts';

const files = samplePackage();
const SHARD = 'model-00001-of-00002.safetensors';
const OTHER = 'model-00002-of-00002.safetensors';
const BYTES = 10 * SLICE + 17;

let server: TestServer;
let sink: MemorySink;
let manifest: Manifest;
let host: HttpFiles;
beforeAll(async () => {
  server = await serve((request, response) => {
    const file = files.get(decodeURIComponent(request.url!.slice(1)));
    if (file === undefined) response.writeHead(404).end();
    else sendFile(request, response, file);
  });
  host = new HttpFiles(server.url, { backoffMs: 1 });
});
afterAll(() => server.close());
beforeEach(async () => {
  sink = new MemorySink();
  const plan = await planDownload(new MemoryFiles('host', files));
  manifest = plan.manifest;
  await downloadPackage(plan, sink, { sliceBytes: SLICE });
  server.requests.length = 0;
});

const stored = (path: string) => sink.files.files.get(path)!;
const slices = () => readSlices(sink.files);
const look = async () => findDamage(sink.files, manifest.files, await slices());
const repair = async () => repairPackage(host, sink, manifest, await slices());

async function isWhole(): Promise<void> {
  expect(await look()).toEqual([]);
  const all = new Map(sink.files.files);
  all.delete('slices.json');
  expect(differing(all, files)).toEqual([]);
}

/** Requested ranges, except the first bytes, which return the size. */
function asked(path: string): string[] {
  return server.requests
    .filter((line) => line.includes(path) && !line.endsWith('bytes=0-1'))
    .map((line) => line.split('bytes=')[1]!);
}

test('nothing is wrong and nothing is fetched', async () => {
  expect(await repair()).toEqual([]);
  expect(server.requests).toEqual([]);
});

describe('damage is found where it is, and only that is fetched again:', () => {
  test('bits', async () => {
    stored(SHARD)[3 * SLICE + 1]! ^= 1;
    stored(SHARD)[BYTES - 1]! ^= 128;
    stored(OTHER)[0]! ^= 1;
    const found = await look();
    expect(found).toEqual([
      {
        path: SHARD,
        size: BYTES,
        ranges: [
          [3 * SLICE, 4 * SLICE],
          [10 * SLICE, BYTES],
        ],
      },
      { path: OTHER, size: 6 * SLICE, ranges: [[0, SLICE]] },
    ]);
    expect(damageError(found, true)).toMatchObject({
      code: 'package/damaged',
      message: expect.stringContaining(`${SHARD} in 2 parts (bytes ${3 * SLICE} to ${BYTES - 1})`),
      action: expect.stringContaining('Repair'),
      place: { file: SHARD, byte: 3 * SLICE },
    });
    expect(damageError(found, false).action).toContain('import it again');
    expect(await repair()).toEqual(found);
    expect(asked(SHARD)).toEqual([`${3 * SLICE}-${4 * SLICE - 1}`, `${10 * SLICE}-${BYTES - 1}`]);
    expect(asked(OTHER)).toEqual([`0-${SLICE - 1}`]);
    await isWhole();
  });

  test('a file that was cut off', async () => {
    sink.files.files.set(SHARD, stored(SHARD).slice(0, 8 * SLICE + 10));
    await repair();
    expect(asked(SHARD).map((range) => range.split('-')[0])).toEqual(
      [8, 9, 10].map((i) => String(i * SLICE)),
    );
    await isWhole();
  });

  test('a file that grew', async () => {
    sink.files.files.set(SHARD, new Uint8Array([...stored(SHARD), 1, 2, 3]));
    await repair();
    expect(asked(SHARD)).toEqual([]);
    await isWhole();
  });

  test('files that are gone, an empty one too', async () => {
    await sink.remove('onnx/layer_0.onnx');
    await sink.remove('notes/empty.txt');
    const error = damageError(await look(), true);
    expect(error.message).toContain('notes/empty.txt is missing; onnx/layer_0.onnx is missing');
    await repair();
    await isWhole();
  });
});

describe('the hashes of slices', () => {
  const spoil = () => {
    stored(SHARD)[3 * SLICE + 1]! ^= 1;
  };

  test('may be gone: then the whole file is fetched, and they are there again', async () => {
    const before = await slices();
    await sink.remove('slices.json');
    spoil();
    await repairPackage(host, sink, manifest, null, { sliceBytes: SLICE });
    await isWhole();
    expect((await slices())?.files[SHARD]).toEqual(before!.files[SHARD]);
  });

  test('may be wrong: the hash of the whole decides', async () => {
    const wrong = (await slices())!;
    wrong.files[SHARD]![3] = wrong.files[SHARD]![4]!;
    await saveSlices(sink, wrong);
    expect(await look()).toEqual([]);
    stored(SHARD)[5 * SLICE]! ^= 1;
    await repair();
    await isWhole();
    // The stored hash is that of the damaged slice, so none differs and everything is fetched.
    spoil();
    const { slices: hashes } = await digest(stored(SHARD));
    await saveSlices(sink, { ...wrong, files: { ...wrong.files, [SHARD]: hashes } });
    await repair();
    await isWhole();
  });
});

test('a host that has another version by now, or sends other bytes, is refused', async () => {
  stored(SHARD)[0]! ^= 1;
  const change = (list: Manifest) => {
    list.files[SHARD]!.sha256 = '0'.repeat(64);
  };
  const other = new MemoryFiles('host', samplePackage(1, change));
  const known = await slices();
  expect((await refusal(repairPackage(other, sink, manifest, known))).code).toBe('package/changed');
  const wrong = new Map(files);
  wrong.set(
    SHARD,
    files.get(SHARD)!.map((value) => value ^ 1),
  );
  const lying = new MemoryFiles('host', wrong);
  expect(await refusal(repairPackage(lying, sink, manifest, known))).toMatchObject({
    code: 'package/damaged',
    message: expect.stringContaining('the host sends other bytes'),
  });
  await repair();
  await isWhole();
});

async function digest(bytes: Uint8Array) {
  const all = await FileDigest.create(SLICE);
  all.update(bytes);
  return all.end();
}
