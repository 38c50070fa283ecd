import { afterEach, describe, expect, test } from 'vitest';
import { JOURNAL } from '../../../src/import/build.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { MANIFEST } from '../../../src/model/manifest-name.ts';
import { type DownloadOptions, downloadPackage } from '../../../src/packages/download/download.ts';
import { planDownload } from '../../../src/packages/download/plan.ts';
import { readSlices } from '../../../src/packages/download/slices.ts';
import { HttpFiles } from '../../../src/storage/http-files.ts';
import { MemoryFiles } from '../../../src/storage/package-files.ts';
import { type FileWriter, MemorySink } from '../../../src/storage/sink.ts';
import { differing, refusal } from '../../../testing/checkpoints.ts';
import { SLICE, samplePackage, sha256 } from '../../../testing/download/sample.ts';
import { type Handler, sendFile, serve, type TestServer } from '../../../testing/http-server.ts';

const files = samplePackage();
const SHARD = 'model-00001-of-00002.safetensors';
const SLICES = 'slices.json';
let server: TestServer | undefined;
afterEach(() => server?.close());

async function host(mishap: (...args: Parameters<Handler>) => boolean = () => false) {
  server = await serve((request, response) => {
    if (mishap(request, response)) return;
    const file = files.get(decodeURIComponent(request.url!.slice(1)));
    if (file === undefined) response.writeHead(404).end();
    else sendFile(request, response, file);
  });
  return server;
}

async function fetchInto(
  sink: MemorySink,
  at: URL,
  options: DownloadOptions = {},
  http: { signal?: AbortSignal } = {},
): Promise<void> {
  const plan = await planDownload(new HttpFiles(at, { backoffMs: 1, ...http }));
  await downloadPackage(plan, sink, { sliceBytes: SLICE, ...options });
}

/** Files that differ from the package; the hashes of slices are the downloader's own. */
function faults(sink: MemorySink): string[] {
  const stored = new Map(sink.files.files);
  stored.delete(SLICES);
  return differing(stored, files);
}

describe('downloading', () => {
  test('gives every file, byte for byte, and the hashes of slices', async () => {
    const { url } = await host();
    const sink = new MemorySink();
    const seen: number[] = [];
    await fetchInto(sink, url, { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(faults(sink)).toEqual([]);
    const slices = await readSlices(sink.files);
    expect(slices?.sliceBytes).toBe(SLICE);
    const shard = files.get(SHARD)!;
    expect(slices?.files[SHARD]).toHaveLength(11);
    expect(slices?.files[SHARD]?.[3]).toBe(sha256(shard.subarray(3 * SLICE, 4 * SLICE)));
    expect(slices?.files[SHARD]?.at(-1)).toBe(sha256(shard.subarray(10 * SLICE)));
    expect(seen.at(-1)).toBe(1);
    expect(Math.max(...seen)).toBe(1);
  });

  test.each([1, 2, 6])(
    'has %i ranges under way, of several files, and no more',
    async (parallel) => {
      let now = 0;
      let most = 0;
      let mixed = false;
      const open = new Map<string, number>();
      const { url } = await host((request, response) => {
        if (request.url === `/${MANIFEST}`) return false;
        now += 1;
        most = Math.max(most, now);
        const path = request.url!;
        open.set(path, (open.get(path) ?? 0) + 1);
        mixed ||= [...open.values()].filter((n) => n > 0).length > 1;
        setTimeout(() => {
          now -= 1;
          open.set(path, open.get(path)! - 1);
          sendFile(request, response, files.get(decodeURIComponent(path.slice(1)))!);
        }, 3);
        return true;
      });
      const sink = new MemorySink();
      await fetchInto(sink, url, { parallel });
      expect(faults(sink)).toEqual([]);
      expect(most).toBe(parallel);
      expect(mixed).toBe(parallel > 1);
    },
  );

  test('reads no byte twice when nothing goes wrong', async () => {
    const { url, requests } = await host();
    await fetchInto(new MemorySink(), url);
    const ranges = requests.filter((line) => line.includes(SHARD));
    // The request for the first two bytes returns the size.
    expect(ranges).toHaveLength(1 + 11);
    expect(new Set(ranges).size).toBe(ranges.length);
  });

  test.each([
    ['its manifest', (stored: Map<string, Uint8Array>) => stored.delete(MANIFEST)],
    [
      'its manifest, with other bytes in a file of the same size',
      (stored: Map<string, Uint8Array>) => {
        stored.delete(MANIFEST);
        const config = stored.get('config.json')!.slice();
        config[0]! ^= 1;
        stored.set('config.json', config);
      },
    ],
  ])('of a package that lost %s fetches nothing that is there', async (_, lose) => {
    const { url, requests } = await host();
    const sink = new MemorySink();
    await fetchInto(sink, url);
    lose(sink.files.files as Map<string, Uint8Array>);
    requests.length = 0;
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
    expect((await readSlices(sink.files))?.files[SHARD]).toHaveLength(11);
    expect(requests.filter((line) => line.includes(SHARD))).toEqual([]);
  });

  test('a host without ranges does for small files', async () => {
    const { url } = await host(({ url: path }, response) => {
      response.writeHead(200).end(files.get(decodeURIComponent(path!.slice(1))));
      return true;
    });
    const sink = new MemorySink();
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
  });
});

describe('a file that is not as the manifest says', () => {
  function flipping(times: number): Promise<TestServer> {
    let left = times;
    return host((request, response) => {
      if (request.headers.range !== `bytes=${2 * SLICE}-${3 * SLICE - 1}`) return false;
      if (!request.url!.endsWith(SHARD) || left === 0) return false;
      left -= 1;
      const bytes = files.get(SHARD)!.slice();
      bytes[2 * SLICE + 5]! ^= 4;
      sendFile(request, response, bytes);
      return true;
    });
  }

  test('is fetched again once', async () => {
    const { url, requests } = await flipping(1);
    const sink = new MemorySink();
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
    expect(requests.filter((line) => line.endsWith(`${SHARD} bytes=0-${SLICE - 1}`))).toHaveLength(
      2,
    );
  });

  test('is refused then; the others stay, and it comes when the host is well', async () => {
    const { url, requests } = await flipping(2);
    const sink = new MemorySink();
    const error = await refusal(fetchInto(sink, url));
    expect([error.code, error.place?.file]).toEqual(['package/damaged', SHARD]);
    expect(sink.files.files.has(MANIFEST)).toBe(false);
    requests.length = 0;
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
    expect(requests.filter((line) => !/safetensors|tiebreak/.test(line))).toEqual([]);
  });

  test('or has another size, or is not there', async () => {
    let answer: (...args: Parameters<Handler>) => void = (_, response) =>
      void response.writeHead(404).end();
    const { url } = await host((request, response) => {
      if (!request.url!.endsWith(SHARD)) return false;
      answer(request, response);
      return true;
    });
    const sink = new MemorySink();
    expect(await refusal(fetchInto(sink, url))).toMatchObject({
      code: 'storage/missing',
      place: { file: SHARD },
    });
    answer = (request, response) => sendFile(request, response, files.get(SHARD)!.subarray(1));
    expect(await refusal(fetchInto(sink, url))).toMatchObject({
      code: 'package/differs',
      place: { file: SHARD },
    });
  });

  test('a disk that gives back other bytes is noticed', async () => {
    const { url } = await host();
    const sink = new MemorySink();
    const create = sink.create.bind(sink);
    sink.create = async (path, keep) => {
      const file = await create(path, keep);
      const close = async () => {
        await file.close();
        if (path === SHARD) sink.files.files.get(path)![9]! ^= 1;
      };
      return { ...file, close };
    };
    expect((await refusal(fetchInto(sink, url))).code).toBe('package/damaged');
    sink.create = create;
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
  });
});

/** A disk that loses power at its n-th step, and with it everything not flushed. */
class FailingSink extends MemorySink {
  steps = 0;
  failAt = Infinity;

  private step(): void {
    this.steps += 1;
    if (this.steps >= this.failAt) throw new Error('power cut');
  }

  override async create(path: string, keep?: number): Promise<FileWriter> {
    this.step();
    const file = await super.create(path, keep);
    return {
      write: async (bytes) => {
        this.step();
        await file.write(bytes);
      },
      flush: async () => {
        this.step();
        await file.flush();
      },
      close: async () => {
        if (this.steps < this.failAt) await file.close();
      },
    };
  }

  override async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.step();
    await super.replace(path, bytes);
  }

  override async remove(path: string): Promise<void> {
    this.step();
    await super.remove(path);
  }
}

describe('going on', () => {
  test('after a power cut at any step gives the same files', { timeout: 60_000 }, async () => {
    const { url } = await host();
    const whole = new FailingSink();
    await fetchInto(whole, url);
    for (let step = 1; step <= whole.steps; step += 1) {
      const sink = new FailingSink();
      sink.failAt = step;
      await expect(fetchInto(sink, url)).rejects.toThrow('power cut');
      // The last step removes the journal: the package is complete before it.
      expect(sink.files.files.has(MANIFEST)).toBe(step === whole.steps);
      sink.failAt = Infinity;
      await fetchInto(sink, url);
      expect(faults(sink), `step ${step}`).toEqual([]);
      expect(await readSlices(sink.files)).toEqual(await readSlices(whole.files));
    }
  });

  test('after a cancel asks for nothing that had come, from whatever byte', async () => {
    // Ranges of odd lengths, so that received data end within a slice.
    const cut = 5000;
    const abort = new AbortController();
    const { url, requests } = await host();
    const sink = new MemorySink();
    const stopped = fetchInto(
      sink,
      url,
      {
        sliceBytes: cut,
        signal: abort.signal,
        onProgress: ({ what, done }) => {
          if (what === SHARD && done > 45_000) abort.abort();
        },
      },
      { signal: abort.signal },
    );
    expect((await refusal(stopped)).code).toBe('run/cancelled');
    const journal = JSON.parse(new TextDecoder().decode(sink.files.files.get(JOURNAL)!));
    const kept: number = journal.open.bytes;
    expect(journal.open.path).toBe(SHARD);
    expect(kept % SLICE).not.toBe(0);
    requests.length = 0;
    await fetchInto(sink, url);
    expect(faults(sink)).toEqual([]);
    const starts = requests
      .filter((line) => line.includes(SHARD))
      .map((line) => Number(/bytes=(\d+)/.exec(line)![1]));
    expect(starts.filter((start) => start !== 0 && start < kept)).toEqual([]);
    expect(requests.some((line) => line.includes('tokenizer'))).toBe(false);
    const slices = await readSlices(sink.files);
    expect(slices?.files[SHARD]?.[1]).toBe(sha256(files.get(SHARD)!.subarray(SLICE, 2 * SLICE)));
  });

  test('another package at the address starts anew and leaves nothing of the old', async () => {
    const { url } = await host();
    const sink = new FailingSink();
    sink.failAt = 30;
    await expect(fetchInto(sink, url)).rejects.toThrow('power cut');
    sink.failAt = Infinity;
    const other = samplePackage(2);
    const plan = await planDownload(new MemoryFiles('other', other));
    await downloadPackage(plan, sink, { sliceBytes: SLICE });
    sink.files.files.delete(SLICES);
    expect(differing(sink.files.files, other)).toEqual([]);
  });
});

describe('manifests', () => {
  const plan = (change: (manifest: Manifest) => void) =>
    planDownload(new MemoryFiles('host', samplePackage(1, change)));

  test('say how much will be written', async () => {
    const { bytes } = await plan(() => undefined);
    expect(bytes).toBe([...files.values()].reduce((sum, file) => sum + file.length, 0));
  });

  const entry = { bytes: 1, sha256: '0'.repeat(64) };
  test.each<[string, (manifest: Manifest) => void]>([
    ['a path out of the folder', ({ files: list }) => (list['../x'] = entry)],
    ['an absolute path', ({ files: list }) => (list['/x'] = entry)],
    ['a path with a drive', ({ files: list }) => (list['c:x'] = entry)],
    ['itself', ({ files: list }) => (list['tiebreak.json'] = entry)],
    ['our journal', ({ files: list }) => (list['Import.json'] = entry)],
    ['our source', ({ files: list }) => (list['source.json'] = entry)],
    ['a file twice', ({ files: list }) => (list['CONFIG.json'] = entry)],
    ['a file that is a folder', ({ files: list }) => (list.onnx = entry)],
    ['no config.json', ({ files: list }) => delete list['config.json']],
    ['a shard that is not listed', ({ shards }) => shards.push('more.safetensors')],
    ['an adapter without files', ({ adapters }) => adapters.push({ name: 'two' })],
    [
      'sizes that no sum has',
      ({ files: list }) => {
        for (const name of ['a', 'b']) list[name] = { ...entry, bytes: Number.MAX_SAFE_INTEGER };
      },
    ],
    [
      'too many files',
      ({ files: list }) => {
        for (let i = 0; i < 10_000; i += 1) list[`file-${i}`] = entry;
      },
    ],
    ['a path that is too long', ({ files: list }) => (list['x'.repeat(301)] = entry)],
  ])('that list %s are refused', async (_, change) => {
    const error = await refusal(plan(change));
    expect(error.code).toBe('package/manifest');
  });

  test('that come in two versions are refused', async () => {
    let count = 0;
    const { url } = await host((request, response) => {
      if (request.url !== `/${MANIFEST}`) return false;
      count += 1;
      const bytes = files.get(MANIFEST)!.slice();
      if (count === 2) bytes[bytes.length - 5]! ^= 1;
      sendFile(request, response, bytes);
      return true;
    });
    const error = await refusal(planDownload(new HttpFiles(url)));
    expect(error.code).toBe('package/manifest');
  });
});
