import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
import type { PlainError } from '../src/domain/errors.ts';
import type {
  ImportPlan,
  ImportRequest,
  PackageOffer,
  StoredPackage,
} from '../src/packages/api.ts';
import type { PackagesClient } from '../src/packages/client.ts';
import { HARNESS_PORT } from '../testing/browser/settings.ts';
import type { Harness } from '../testing/harness/harness.ts';
import { sendFile, serve, type TestServer } from '../testing/http-server.ts';
import { largestDifference, referenceCases, TOLERANCE } from '../testing/reference-cases.ts';

declare const window: Window & { harness: Harness };

const fixtures = fileURLToPath(new URL('../test/fixtures/', import.meta.url));
const ORIGIN = `http://localhost:${HARNESS_PORT}`;

/** Another origin with the checkpoints of test/fixtures, and the test's control of it. */
interface Host extends TestServer {
  /** Answers a request instead of the host if it returns true. */
  mishap: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** A request to import `tiny-a` from this host. */
  request: ImportRequest;
}

const test = base.extend<{ host: Host; packages: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  host: async ({}, use) => {
    let host: Host | undefined;
    const server = await serve((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Expose-Headers', 'Content-Range, ETag');
      if (host?.mishap?.(request, response)) return;
      const file = `${fixtures}${request.url!.slice(1)}`;
      if (existsSync(file)) sendFile(request, response, readFileSync(file));
      else response.writeHead(404).end();
    });
    const address = (folder: string) => ({
      kind: 'remote' as const,
      address: `${server.url.href}${folder}`,
    });
    host = {
      ...server,
      mishap: undefined,
      request: {
        name: 'Tiny A',
        base: address('tiny-a/base'),
        adapters: [{ name: 'adapter', source: address('tiny-a/adapter') }],
      },
    };
    await use(host);
    await server.close();
  },
  packages: async ({ page }, use) => {
    await page.goto(`${ORIGIN}/`);
    await use(page);
  },
});

type Answer<T> = { value: T; error?: undefined } | { value?: undefined; error: PlainError };

/** Calls the packages worker of a page. */
async function ask<K extends 'plan' | 'list' | 'remove'>(
  page: Page,
  method: K,
  ...args: Parameters<PackagesClient[K]>
): Promise<Answer<Awaited<ReturnType<PackagesClient[K]>>>> {
  return page.evaluate(
    async ([name, list]) => {
      try {
        const call = window.harness.packages[name] as (...args: unknown[]) => Promise<never>;
        return { value: await call(...list) };
      } catch (thrown) {
        const { code, message, action, place } = thrown as PlainError;
        return { error: { code, message, action, place } };
      }
    },
    [method, args] as const,
  );
}

/** The plan of an import; fails for a finished package. */
function importPlan({ value }: Answer<ImportPlan | PackageOffer>): ImportPlan {
  expect(value?.kind).toBe('import');
  return value as ImportPlan;
}

/** Starts an import; settles at its end. */
async function start(
  page: Page,
  request: ImportRequest,
  id: string | null = null,
): Promise<Answer<StoredPackage> & { steps: string[] }> {
  return page.evaluate(
    async ([what, into]) => {
      const steps = new Set<string>();
      try {
        const onProgress = ({ step }: { step: string }) => steps.add(step);
        const value = await window.harness.packages.start(what, null, into, onProgress);
        return { value, steps: [...steps] };
      } catch (thrown) {
        const { code, message, action, place } = thrown as PlainError;
        return { error: { code, message, action, place }, steps: [...steps] };
      }
    },
    [request, id] as const,
  );
}

/** Names of everything below `packages/` of the origin private file system. */
async function stored(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('packages', { create: true });
    const paths = async (at: FileSystemDirectoryHandle, prefix: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const [name, entry] of at.entries()) {
        found.push(prefix + name);
        if (entry.kind === 'directory') {
          found.push(...(await paths(entry as FileSystemDirectoryHandle, `${prefix}${name}/`)));
        }
      }
      return found;
    };
    return (await paths(folder, '')).sort();
  });
}

/**
 * Stalls requests for the content of a file until the page closes; its header, which planning needs, is sent.
 * @returns a promise that settles at the first stalled request.
 */
function stall(host: Host, file: string): Promise<void> {
  return new Promise((stalled) => {
    host.mishap = ({ method, url, headers }) => {
      const inHeader = /^bytes=[08]-/.test(headers.range ?? '');
      const waits = method === 'GET' && url!.endsWith(file) && !inHeader;
      if (waits) stalled();
      return waits;
    };
  });
}

test('a checkpoint on another host is imported, and scores as the reference does', async ({
  packages: page,
  host,
}) => {
  host.request.base = { kind: 'remote', address: `${host.url.href}tiny-a/base-bnb-4bit` };
  const plan = await ask(page, 'plan', host.request, null);
  expect(importPlan(plan).facts).toMatchObject({ quantization: 'nf4', codesKept: true });
  expect(plan.value?.available).toBeGreaterThan(0);
  expect(await stored(page)).toEqual([]);

  const { value, error, steps } = await start(page, host.request);
  expect(error).toBeUndefined();
  expect(value).toMatchObject({
    name: 'Tiny A',
    state: 'complete',
    adapters: ['adapter'],
    quantization: 'nf4',
    request: null,
  });
  expect(value!.id).toMatch(/^tiny-a-[0-9a-f]{8}$/);
  expect(steps).toEqual(['weights', 'verify']);
  expect((await ask(page, 'list')).value).toEqual([value]);
  const names = await stored(page);
  expect(names).toContain(`${value!.id}/tiebreak.json`);
  expect(names.filter((name) => /import\.json|request\.json/.test(name))).toEqual([]);

  const { tokens, expected } = referenceCases().find(({ name }) => name === 'tiny-a-nf4')!;
  const { id } = value!;
  const { logits } = await page.evaluate(
    ([source, rows]) => window.harness.logits(source, 'wasm', [null, 'adapter'], rows),
    [{ kind: 'stored' as const, id, name: 'x' }, tokens] as const,
  );
  const rows = (flat: number[]) => tokens.map((_, i) => flat.slice(3 * i, 3 * i + 3));
  expect(largestDifference(rows(logits[0]!), expected.none)).toBeLessThan(TOLERANCE);
  expect(largestDifference(rows(logits[1]!), expected.adapter)).toBeLessThan(TOLERANCE);
});

test('a refused import leaves nothing behind', async ({ packages: page, host }) => {
  const refused = async (code: string) => {
    expect((await start(page, host.request)).error?.code).toBe(code);
    expect(await stored(page)).toEqual([]);
    expect((await ask(page, 'list')).value).toEqual([]);
  };
  // Errors before anything is written: another architecture, a host that requires a token, a missing file.
  host.mishap = ({ url }, response) => {
    if (!url!.endsWith('/config.json')) return false;
    response.writeHead(200).end(JSON.stringify({ model_type: 'mixtral' }));
    return true;
  };
  await refused('model/unsupported');
  host.mishap = (_, response) => {
    response.writeHead(401).end();
    return true;
  };
  await refused('storage/denied');
  host.mishap = (_, response) => {
    response.writeHead(404).end();
    return true;
  };
  await refused('storage/missing');
  // An error while weights are written: NaN.
  host.mishap = (request, response) => {
    if (!request.url!.endsWith('adapter/adapter_model.safetensors')) return false;
    const file = readFileSync(`${fixtures}tiny-a/adapter/adapter_model.safetensors`);
    file.fill(0xff, file.length - 8);
    sendFile(request, response, file);
    return true;
  };
  const { error } = await start(page, host.request);
  expect(error?.place?.file ?? error?.message).toContain('adapter');
  expect(await stored(page)).toEqual([]);
  host.mishap = undefined;
  // A tokenizer with more tokens than rows of the embedding.
  const vocab = { a: 0, b: 1024 };
  const tokenizer = JSON.stringify({ model: { type: 'BPE', vocab, merges: [] } });
  host.mishap = ({ url }, response) => {
    if (!/base\/tokenizer(_config)?\.json$/.test(url!)) return false;
    response.writeHead(200).end(url!.endsWith('tokenizer.json') ? tokenizer : '{}');
    return true;
  };
  const refusal = await ask(page, 'plan', host.request, null);
  expect(refusal.error?.message).toContain(
    'it has 1025 tokens, and the model’s vocabulary has 1024',
  );
  await refused('tokens/vocabulary');
  host.mishap = undefined;
  // Names that would escape the folder.
  host.request.adapters[0]!.name = '..';
  await refused('package/adapter-name');
});

test('a package without room is refused with both numbers, before anything is written', async ({
  packages: page,
  host,
}) => {
  const plan = await ask(page, 'plan', host.request, null);
  const worker = page.workers().find((one) => one.url().includes('packages.worker'))!;
  // Chromium reports a quota that a test sets only when it is too late.
  await worker.evaluate(() => {
    navigator.storage.estimate = async () => ({ quota: 250_000, usage: 150_000 });
  });
  expect((await ask(page, 'plan', host.request, null)).value?.available).toBe(100_000);
  const { error } = await start(page, host.request);
  expect(error?.code).toBe('storage/full');
  expect(error?.message).toContain(`${(importPlan(plan).facts.bytes / 1e6).toFixed(1)} MB`);
  expect(error?.message).toContain('0.1 MB');
  expect(error?.action).toContain('Free space');
  expect(await stored(page)).toEqual([]);
});

test('a disk that fills up keeps the written part, and the import continues later', async ({
  packages: page,
  host,
}) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: ORIGIN, quotaSize: 150_000 });
  const { error } = await start(page, host.request);
  expect(error).toMatchObject({
    code: 'storage/full',
    action: expect.stringContaining('continue'),
  });
  const [partial] = (await ask(page, 'list')).value!;
  expect(partial?.state).toBe('partial');
  await session.send('Storage.overrideQuotaForOrigin', { origin: ORIGIN });
  const { value } = await start(page, host.request, partial!.id);
  expect(value).toMatchObject({ id: partial!.id, state: 'complete' });
});

test('cancelling takes effect at once, and a reload can go on', async ({
  packages: page,
  host,
}) => {
  const stalled = stall(host, 'base/model.safetensors');
  const running = start(page, host.request);
  await stalled;
  const pressed = Date.now();
  await page.evaluate(() => window.harness.packages.cancel());
  expect((await running).error?.code).toBe('run/cancelled');
  expect(Date.now() - pressed).toBeLessThan(1000);

  await page.reload();
  const [partial] = (await ask(page, 'list')).value!;
  expect(partial).toMatchObject({ name: 'Tiny A', state: 'partial', quantization: null });
  expect(partial!.request).toEqual(host.request);
  expect((await stored(page)).join()).toContain('import.json');

  host.mishap = undefined;
  const { value } = await start(page, host.request, partial!.id);
  expect(value).toMatchObject({ id: partial!.id, state: 'complete', request: null });
  expect(await ask(page, 'list')).toEqual({ value: [value] });
  expect((await start(page, host.request, partial!.id)).error?.code).toBe('packages/complete');
  expect((await start(page, host.request, 'no-such')).error?.code).toBe('packages/unknown');
});

test('two tabs do not disturb each other', async ({ packages: page, host, context }) => {
  const other = await context.newPage();
  await other.goto(`${ORIGIN}/`);
  const stalled = stall(host, 'base/model.safetensors');
  void start(page, host.request).catch(() => undefined);
  await stalled;
  expect((await start(page, host.request)).error?.code).toBe('packages/importing');

  const [busy] = (await ask(other, 'list')).value!;
  expect(busy).toMatchObject({ name: 'Tiny A', state: 'busy' });
  expect((await ask(other, 'remove', busy!.id)).error?.code).toBe('packages/busy');
  host.mishap = undefined;
  expect((await start(other, host.request, busy!.id)).error?.code).toBe('packages/busy');

  // Closing the tab with the import lets the other one continue.
  await page.close();
  const { value } = await start(other, host.request, busy!.id);
  expect(value).toMatchObject({ id: busy!.id, state: 'complete' });

  // A model loaded in one tab is not deleted in another.
  const third = await context.newPage();
  await third.goto(`${ORIGIN}/`);
  await third.evaluate((id) => window.harness.hold(id), busy!.id);
  expect((await ask(other, 'remove', busy!.id)).error?.code).toBe('packages/busy');
  await third.evaluate(() => window.harness.letGo());
  expect((await ask(other, 'remove', busy!.id)).error).toBeUndefined();
  expect(await stored(other)).toEqual([]);
  expect((await ask(other, 'list')).value).toEqual([]);
});

test('folders are remembered over a reload, files are not', async ({ packages: page, host }) => {
  const read = (path: string) => [...readFileSync(`${fixtures}${path}`)];
  const inputs = {
    'config.json': read('tiny-a/base/config.json'),
    'model.safetensors': read('tiny-a/base/model.safetensors'),
  };
  // The host stalls while the adapter's weights are read, so that the import stays partial.
  const stalled = stall(host, 'adapter_model.safetensors');
  const address = `${host.url.href}tiny-a/adapter`;
  const running = page.evaluate(
    async ([files, where]) => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('picked', { create: true });
      for (const [name, bytes] of Object.entries(files)) {
        const file = await folder.getFileHandle(name, { create: true });
        const writable = await file.createWritable();
        await writable.write(Uint8Array.from(bytes));
        await writable.close();
      }
      const model = { type: 'BPE', vocab: { a: 0 }, merges: [] };
      const tokenizer = new File([JSON.stringify({ model })], 'tokenizer.json');
      await window.harness.packages.start(
        {
          name: 'Ünï "/.. <b>',
          base: { kind: 'handle', handle: folder },
          adapters: [{ name: 'a', source: { kind: 'remote', address: where } }],
          tokenizer: {
            kind: 'files',
            label: 'dropped',
            files: ['tokenizer.json', 'tokenizer_config.json'].map((path) => ({
              path,
              file: tokenizer,
            })),
          },
        },
        null,
        null,
        () => {},
      );
    },
    [inputs, address] as const,
  );
  running.catch(() => undefined);
  await stalled;

  await page.reload();
  const list = () =>
    page.evaluate(async () => {
      const [{ id, name, request }] = (await window.harness.packages.list()) as [StoredPackage];
      const { base } = request!;
      const label = base?.kind === 'handle' ? base.handle.name : base;
      return { id, name, label, adapters: request!.adapters, tokenizer: request!.tokenizer };
    });
  const found = await list();
  expect(found).toMatchObject({
    name: 'Ünï "/.. <b>',
    label: 'picked',
    adapters: [{ name: 'a', source: { kind: 'remote', address } }],
    tokenizer: null,
  });
  expect(found.id).toMatch(/^uni-b-[0-9a-f]{8}$/);

  // Deleting the package also forgets its folder.
  expect((await ask(page, 'remove', found.id)).error).toBeUndefined();
  const kept = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('tiebreak-packages');
        opening.onerror = reject;
        opening.onsuccess = () => {
          const all = opening.result.transaction('handles').objectStore('handles').getAllKeys();
          all.onsuccess = () => resolve(all.result);
        };
      }),
  );
  expect(kept).toEqual([]);
});

test('a package is verified, exported and saved file by file', async ({ packages: page, host }) => {
  const { value } = await start(page, host.request);
  const result = await page.evaluate(async (id) => {
    const { packages } = window.harness;
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'ok',
        (thrown: PlainError) => `${thrown.code} ${thrown.place?.file ?? ''}`.trim(),
      );
    const steps: number[] = [];
    const verified = await codeOf(
      packages.verify(id, ({ done, total }) => steps.push(done / total)),
    );
    const root = await navigator.storage.getDirectory();
    const target = await root.getDirectoryHandle('target', { create: true });
    const exported = await codeOf(packages.exportTo(id, target, () => {}));
    const again = await codeOf(packages.exportTo(id, target, () => {}));
    const files = await packages.files(id);
    const same = await Promise.all(
      files.map(async ({ path, file }) => {
        let folder = target;
        const parts = path.split('/');
        for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
        const copy = await (await folder.getFileHandle(parts.at(-1)!)).getFile();
        const [a, b] = await Promise.all([file.arrayBuffer(), copy.arrayBuffer()]);
        return (
          a.byteLength === b.byteLength &&
          new Uint8Array(a).every((v, i) => v === new Uint8Array(b)[i])
        );
      }),
    );
    // Changes one byte of a shard without the page's knowledge.
    const shard = files.find(({ path }) => path.endsWith('.safetensors'))!.path;
    const folder = await (await root.getDirectoryHandle('packages')).getDirectoryHandle(id);
    const writable = await (await folder.getFileHandle(shard)).createWritable({
      keepExistingData: true,
    });
    await writable.write({ type: 'write', position: 5000, data: new Uint8Array([1, 2, 3]) });
    await writable.close();
    const damaged = await codeOf(packages.verify(id, () => {}));
    return {
      steps,
      verified,
      exported,
      again,
      paths: files.map(({ path }) => path),
      same,
      shard,
      damaged,
    };
  }, value!.id);
  expect(result).toMatchObject({
    verified: 'ok',
    exported: 'ok',
    again: 'storage/exists',
    damaged: `package/damaged ${result.shard}`,
  });
  expect(result.steps.at(-1)).toBe(1);
  expect(result.same.every(Boolean)).toBe(true);
  expect(result.paths).toContain('tiebreak.json');
  expect(result.paths).toContain('adapters/adapter/adapter_model.safetensors');
});
