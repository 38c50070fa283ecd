import { expect, test } from 'vitest';
import { initialPackages } from '../../../src/app/models/state/packages-state.ts';
import { initialState } from '../../../src/app/page/state.ts';
import { mayReload, nothingToLose } from '../../../src/app/shell/new-version.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';

test('the page reloads itself once in ten minutes', () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
  const start = Date.UTC(2026, 0, 1);
  expect([0, 1000, 599_999, 600_001].map((ms) => mayReload(storage, start + ms))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  const full = { ...storage, getItem: () => null, setItem: () => expect.fail('full') };
  expect(mayReload(full, start)).toBe(false);
});

test('and only where that loses nothing', () => {
  const app = initialState(DEFAULT_SETTINGS);
  const packages = initialPackages();
  expect(nothingToLose(app, packages)).toBe(true);
  const reading = { status: 'reading', name: 'a.csv', bytes: 0, totalBytes: 1, rows: 0 } as const;
  expect(nothingToLose({ ...app, csv: reading }, packages)).toBe(false);
  const running = { status: 'running', progress: null, rest: { status: 'no' } } as const;
  expect(nothingToLose({ ...app, run: running }, packages)).toBe(false);
  const job = { kind: 'verify', id: 'a', cancelling: false, progress: null } as const;
  expect(nothingToLose(app, { ...packages, job })).toBe(false);
});
