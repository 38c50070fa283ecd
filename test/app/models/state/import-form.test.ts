import { describe, expect, test } from 'vitest';
import { folderOfHandle, lookThrough } from '../../../../src/app/models/folders/folders.ts';
import {
  adapterName,
  type FormAdapter,
  isWhole,
  lacksOf,
  nameFaults,
  sourceName,
} from '../../../../src/app/models/state/import-form.ts';
import { JobMeter } from '../../../../src/app/models/state/job-meter.ts';
import { droppedFolder } from '../../../../src/app/ui/files/file-system.ts';
import { folderHandle, importPlan } from '../../../../testing/fake-packages.ts';

const adapters = (...names: string[]): FormAdapter[] =>
  names.map((name, key) => ({ key, name, label: name, source: null, locked: false }));

test('faults in the names of adapters', () => {
  const names = ['a', '', 'b c', '..', 'None', 'A', 'x.y-z_1', 'ü', 'a/b'];
  expect(Object.fromEntries(nameFaults(adapters(...names)))).toEqual({
    1: 'empty',
    2: 'characters',
    3: 'characters',
    4: 'reserved',
    5: 'taken',
    7: 'characters',
    8: 'characters',
  });
});

test('a suggested name can always be used', () => {
  for (const label of ['', 'NONE', '..', '-', 'a b', 'lora', 'Ünïcode', '.hidden']) {
    const others = adapters('lora', 'adapter');
    const name = adapterName(label, others);
    const key = others.length;
    expect(nameFaults([...others, { ...others[0]!, key, name }]).size).toBe(0);
  }
});

test.each([
  ['google/gemma-2-9b-it', 'gemma-2-9b-it'],
  ['me/lora@refs/pr/1', 'lora'],
  ['https://huggingface.co/me/lora', 'lora'],
  ['https://huggingface.co/me/runs/tree/main/last/adapter', 'adapter'],
  ['https://example.org/models/gemma/', 'gemma'],
  ['http://localhost:8000', 'localhost'],
])('%s is called %s', (address, name) => {
  expect(sourceName({ kind: 'remote', address })).toBe(name);
});

describe('a folder', () => {
  test('is a package, a checkpoint or adapters by the names of its files', () => {
    const base = (at: string) => [`${at}config.json`, `${at}model-00001-of-00002.safetensors`];
    const lora = (at: string) => [`${at}adapter_config.json`, `${at}adapter_model.safetensors`];
    const nothing = { package: null, bases: [], adapters: [], tokenizer: null };
    expect(lookThrough(base(''))).toEqual({ ...nothing, bases: [''] });
    expect(lookThrough(lora(''))).toEqual({ ...nothing, adapters: [''] });
    expect(lookThrough([...base(''), 'tokenizer.json', ...lora('a/b/')])).toEqual({
      ...nothing,
      bases: [''],
      adapters: ['a/b'],
      tokenizer: '',
    });
    // A checkpoint at a deeper level does not count.
    expect(lookThrough([...base('x/'), ...base('x/old/')]).bases).toEqual(['x']);
    expect(lookThrough([...base('x/'), ...base('y/')]).bases).toEqual(['x', 'y']);
    expect(lookThrough(['m/model.safetensors.index.json', 'm/config.json']).bases).toEqual(['m']);
    // Its weights are missing, which the import reports.
    expect(lookThrough(['config.json']).bases).toEqual(['']);
    expect(lookThrough([...lora(''), 'config.json', ...base('b/')]).bases).toEqual(['b']);
  });

  test('with a package beside a checkpoint is what lies further out', () => {
    const pack = ['tiebreak.json', 'config.json', 'model.safetensors'];
    const inside = (at: string) => pack.map((name) => `${at}${name}`);
    expect(lookThrough([...inside(''), 'adapters/x/adapter_config.json'])).toMatchObject({
      package: '',
      bases: [],
    });
    const base = ['config.json', 'model.safetensors'];
    expect(lookThrough([...base, ...inside('built/')])).toMatchObject({
      package: null,
      bases: [''],
    });
  });

  test('lists adapters as people count', () => {
    const paths = [900, 1000, 50].map((step) => `checkpoint-${step}/adapter_config.json`);
    expect(lookThrough(paths).adapters).toEqual([
      'checkpoint-50',
      'checkpoint-900',
      'checkpoint-1000',
    ]);
  });

  test('of File System Access gives its files, without hidden folders', async () => {
    const tree = { 'a.txt': 'A', sub: { 'b.txt': 'B' }, '.git': { 'c.txt': 'C' } };
    const folder = await folderOfHandle(folderHandle('top', tree));
    expect(folder.paths).toEqual(['a.txt', 'sub/b.txt']);
    const [file, ...others] = await folder.files('sub');
    expect(others).toEqual([]);
    expect([file!.path, await file!.file.text()]).toEqual(['b.txt', 'B']);
  });

  test('that was dropped is a handle where the browser gives one', async () => {
    const handle = folderHandle('top', {});
    const items = [
      { kind: 'string' },
      { kind: 'file', getAsFileSystemHandle: async () => ({ kind: 'file' }) },
      { kind: 'file', getAsFileSystemHandle: async () => handle },
    ];
    const drop = (list: unknown[]) => droppedFolder({ items: list } as unknown as DataTransfer);
    expect(await drop(items)).toBe(handle);
    expect(await drop(items.slice(0, 2))).toBeNull();
    expect(await drop([{ kind: 'file' }])).toBeNull();
    const refusing = { kind: 'file', getAsFileSystemHandle: () => Promise.reject(new Error()) };
    expect(await drop([refusing])).toBeNull();
    expect(await droppedFolder(null)).toBeNull();
  });
});

test('the missing parts of a plan', () => {
  const whole = importPlan({ bytes: 100 }, 100);
  expect(isWhole(lacksOf(whole, 0))).toBe(true);
  expect(lacksOf(importPlan({ bytes: 100 }, 60), 10).bytes).toBe(30);
  expect(lacksOf(importPlan({ bytes: 100 }, 60), 40).bytes).toBe(0);
  expect(isWhole(lacksOf(importPlan({}, null), 0))).toBe(true);
  expect(isWhole(lacksOf(importPlan({ tokenizer: null }), 0))).toBe(false);
});

test('progress gets a rate and a time, and each step its own', () => {
  let now = 0;
  const meter = new JobMeter(() => now);
  const at = (seconds: number, step: 'weights' | 'verify', done: number) => {
    now = 1000 * seconds;
    const { bytesPerSecond, secondsLeft } = meter.take({ step, done, total: 1000, what: 'x' });
    return [bytesPerSecond, secondsLeft];
  };
  // Bytes written in an earlier visit do not count as fast.
  expect(at(0, 'weights', 600)).toEqual([null, null]);
  expect(at(10, 'weights', 700)).toEqual([10, 30]);
  expect(at(11, 'verify', 0)).toEqual([null, null]);
  expect(at(12, 'verify', 500)).toEqual([500, 1]);
});
