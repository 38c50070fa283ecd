import { expect, type Page, test } from '@playwright/test';
import type { PlainError } from '../src/domain/errors.ts';
import { HARNESS_PORT } from '../testing/browser/settings.ts';
import type { Harness } from '../testing/harness/harness.ts';
import type { StorageWorkerApi } from '../testing/harness/storage.worker.ts';

declare const window: Window & { harness: Harness; storage: ReturnType<Harness['startStorage']> };

type Call = {
  [K in keyof StorageWorkerApi]: [K, ...Parameters<StorageWorkerApi[K]>];
}[keyof StorageWorkerApi];

/** Makes calls to the page's storage worker, one after the other. @returns the last answer, or the first error. */
async function calls(page: Page, ...all: Call[]): Promise<unknown> {
  return page.evaluate(async (list) => {
    let last: unknown;
    try {
      for (const [name, ...args] of list) {
        const method = window.storage[name] as (...args: unknown[]) => Promise<unknown>;
        last = await method(...args);
      }
    } catch (thrown) {
      const { code, message, action, place } = thrown as PlainError;
      return { code, message, action, place };
    }
    return last;
  }, all);
}

async function start(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.storage = window.harness.startStorage();
  });
}

test.beforeEach(async ({ page }) => {
  await page.goto(`http://localhost:${HARNESS_PORT}/`);
  await start(page);
});

test('files are written front to back, in folders, and continue after the kept part', async ({
  page,
}) => {
  await calls(page, ['create', 'onnx/deep/a', 0], ['write', 'one '], ['write', 'two'], ['close']);
  expect(await calls(page, ['read', 'onnx/deep/a'])).toBe('one two');
  await calls(page, ['create', 'onnx/deep/a', 4], ['write', 'three'], ['close']);
  expect(await calls(page, ['read', 'onnx/deep/a'])).toBe('one three');
  await calls(page, ['create', 'onnx/deep/a', 3], ['close']);
  expect(await calls(page, ['read', 'onnx/deep/a'])).toBe('one');
  expect(await calls(page, ['create', 'onnx/deep/a', 5])).toMatchObject({
    code: 'storage/write',
    message: expect.stringContaining('3 bytes where 5'),
  });
  await calls(page, ['create', 'onnx/deep/a', 0], ['close']);
  expect(await calls(page, ['read', 'onnx/deep/a'])).toBe('');
});

test('flushed data survive the death of the worker, and can be continued', async ({ page }) => {
  await calls(page, ['create', 'a', 0], ['write', 'kept'], ['flush'], ['write', ' and lost']);
  // An open file cannot be written by another worker.
  expect(await calls(page, ['create', 'a', 0])).toMatchObject({
    code: 'storage/write',
    message: expect.stringContaining('another tab'),
  });
  await page.reload();
  await start(page);
  expect(await calls(page, ['read', 'a'])).toMatch(/^kept/);
  await calls(page, ['create', 'a', 4], ['write', ', then more'], ['close']);
  expect(await calls(page, ['read', 'a'])).toBe('kept, then more');
});

for (const writables of [true, false]) {
  test(`a small file is replaced in one step ${writables ? 'with' : 'without'} writables`, async ({
    page,
  }) => {
    if (!writables) await calls(page, ['withoutWritables']);
    await calls(page, ['replace', 'x/state.json', 'a longer first text']);
    await calls(page, ['replace', 'x/state.json', 'second']);
    expect(await calls(page, ['read', 'x/state.json'])).toBe('second');
    expect(await calls(page, ['list'])).toEqual(['x/state.json']);
  });
}

test('files are removed; one that is not there is no error', async ({ page }) => {
  await calls(page, ['replace', 'a', '1'], ['remove', 'a'], ['remove', 'a'], ['remove', 'no/b']);
  expect(await calls(page, ['read', 'a'])).toMatchObject({ code: 'storage/missing' });
  expect(await calls(page, ['list'])).toEqual([]);
  for (const path of ['../a', '/a', 'a/../../b', '']) {
    expect(await calls(page, ['create', path, 0])).toMatchObject({ code: 'storage/path' });
  }
});

for (const writables of [true, false]) {
  test(`a full disk is said to be one (${writables ? 'with' : 'without'} writables)`, async ({
    page,
  }) => {
    const session = await page.context().newCDPSession(page);
    const origin = `http://localhost:${HARNESS_PORT}`;
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 });
    if (!writables) await calls(page, ['withoutWritables']);
    const error = (await calls(page, ['create', 'a', 0], ['write', 5_000_000])) as PlainError;
    expect(error).toMatchObject({ code: 'storage/full', place: { file: 'a' } });
    expect(error.action).toContain('Free space');
    const text = 'x'.repeat(5_000_000);
    await calls(page, ['close'], ['remove', 'a'], ['replace', 'state', 'old']);
    expect(await calls(page, ['replace', 'state', text])).toMatchObject({ code: 'storage/full' });
    expect(await calls(page, ['read', 'state'])).toBe('old');
    expect(await calls(page, ['list'])).toEqual(['state']);
  });
}
