import { describe, expect, test } from 'vitest';
import { errors as english } from '../../src/texts/en/errors/index.ts';
import type { ErrorText } from '../../src/texts/errors.ts';
import { errors as japanese } from '../../src/texts/ja/errors/index.ts';
import type { Reason } from '../../src/texts/reason.ts';

/** Sizes that texts show in megabytes. */
const MEGABYTES = Object.fromEntries(
  ['needed', 'allowed', 'layer', 'activations', 'scores', 'weights', 'adapters', 'batch'].map(
    (name, i) => [name, 1e6 * (101 + i)],
  ),
);

const PROBLEMS = [
  { field: null, expected: '⟦expected⟧', received: '⟦received⟧', rule: 'number' },
  { expected: null, received: '⟦received⟧', rule: 'integer' },
  { expected: null, received: '⟦received⟧', rule: '⟦rule⟧' },
];

const DIFFERENCES = [
  { what: 'file', was: { name: '⟦file⟧', bytes: 411, sha256: 'abcdef0123' }, is: null },
  { what: 'model', was: { name: '⟦model⟧', sha256: 'abcdef0123' }, is: null },
  { what: 'adapter', was: { adapters: ['⟦one⟧', null] }, is: { adapters: ['⟦two⟧'] } },
  { what: 'tta', was: true, is: false },
  { what: 'maxLength', was: 2048, is: 1024 },
  { what: 'reading', was: { numbers: 311, rows: 411, sequences: 433 }, is: null },
  { what: 'device', was: { place: { kind: 'named', name: '⟦place⟧' } }, is: null },
  { what: 'executor', was: { executor: 'wgsl', variant: '⟦variant⟧' }, is: null },
];

/** Values that texts choose a wording by, or that have parts. Others are {@link marker}s. */
const SAMPLES: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'journal/busy:command': [{ host: null }, {}],
  'cell/broken-json': [
    { expected: 'open', isPython: false },
    { expected: { turn: '⟦turn⟧' }, found: null, isPython: true },
    { expected: { digits: '⟦digits⟧', escape: '⟦escape⟧' } },
    { expected: { closing: '⟦closing⟧', from: '⟦from⟧' } },
  ],
  'cell/broken-json:turn': ['object', 'list', 'number', 'boolean'].map((kind) => ({ kind })),
  'csv/missing-column': [{ separator: null }, { separator: 'tabs' }, { separator: 'semicolons' }],
  'csv/not-csv:no-comma': [{ separator: null }, { separator: 'tabs' }],
  'csv/not-csv:markup': [{ format: 'markup' }, { format: 'json' }],
  'csv/not-csv:archive': ['zip', 'gzip', '7z', 'zstd'].map((format) => ({ format })),
  'csv/not-csv:format': ['xls', 'png', 'jpeg', 'pdf', 'parquet', 'sqlite'].map((format) => ({
    format,
  })),
  'labels/bad-pair': PROBLEMS,
  'chat/bad-messages': PROBLEMS,
  'json/field': PROBLEMS,
  'gpu/kernels': [
    {
      refusals: [
        { executor: 'wgsl', variant: '⟦variant⟧', reason: { params: { told: '⟦reason⟧' } } },
        { executor: 'ort', variant: null, reason: { params: { told: '⟦other⟧' } } },
      ],
    },
  ],
  'gpu/kernels:variant': [{ reason: { params: { told: '⟦reason⟧' } } }],
  'gpu/out-of-memory:layers': [{ reason: { params: { told: '⟦reason⟧' } } }],
  'plan/cpu': [MEGABYTES],
  'plan/no-room': [MEGABYTES],
  'plan/too-large:row': [MEGABYTES],
  'plan/too-large:scores': [MEGABYTES],
  'plan/too-large:weights': [MEGABYTES],
  'engine/self-test': [
    {
      place: { kind: 'gpu', name: '⟦gpu⟧' },
      executor: 'wgsl',
      variant: '⟦variant⟧',
      precision: 'float16',
      worst: 1.23,
      allowed: 0.1,
    },
    {
      place: { kind: 'cpu', runtime: 'WebAssembly', threads: 4 },
      executor: 'ort',
      variant: null,
      precision: 'float32',
      worst: null,
      allowed: 0.1,
    },
  ],
  'engine/worker-died': [{ reason: undefined }, {}],
  'tokens/worker-failed': [{ reason: undefined }, {}],
  'packages/worker-died': [{ reason: undefined }, {}],
  'page/report-worker-died': [{ reason: undefined }, { reason: '' }, {}],
  'page/worker-died': [{ reason: '' }, {}],
  'gpu/lost': [{ why: null }, {}],
  'model/no-score:adapter': [{ adapter: null }, {}],
  'model/no-score': [{ adapter: null }, {}],
  'model/format': ['gguf', 'pytorch', 'consolidated', 'onnx'].map((format) => ({ format })),
  'package/adapter-name': [{ isTaken: true }, { isTaken: false }],
  'package/adapter': [{ known: [] }, {}],
  'package/damaged:found': [
    {
      files: [
        { path: '⟦missing⟧', size: null, ranges: [] },
        { path: '⟦long⟧', size: 9, ranges: [] },
        {
          path: '⟦part⟧',
          size: 9,
          ranges: [
            [0, 3],
            [5, 7],
          ],
        },
      ],
      more: 2,
      canRepair: true,
    },
    { files: [], more: 0, canRepair: false },
  ],
  'packages/busy': [{ mode: 'shared' }, { mode: 'exclusive' }],
  'explore/json-fields': [{ fields: '' }, {}],
  'journal/differs': [{ differences: DIFFERENCES }],
  'journal/engine': [{ differences: DIFFERENCES }],
  'storage/full:package': [{ bytes: 1011, missing: 2022, free: 3033 }],
  'storage/write:other-tab': [{ path: null }, {}],
  'storage/write:browser': [{ path: null }, {}],
  'storage/network:range': [
    { sent: { start: '⟦a⟧', end: '⟦b⟧' }, asked: { start: '⟦c⟧', end: '⟦d⟧' } },
  ],
  'storage/denied': [
    { hub: true, token: true },
    { hub: false, token: false },
  ],
};

/** A value of any kind, which a text shows as its name in brackets. */
function marker(name: string): unknown {
  const shown = `⟦${name}⟧`;
  return Object.assign([shown], {
    toString: () => shown,
    toLocaleString: () => shown,
    replace: () => shown,
  });
}

/** Markers, and numbers of three and more digits in whatever way a language writes them. */
const SHOWN = /⟦[^⟧]+⟧|\d[\d.,]+\d/g;

/** The text of an error for some values, the names of the values that it reads, and the values that it shows. */
function told({ message, action }: ErrorText, sample: Record<string, unknown>) {
  const asked = new Set<string>();
  const params = new Proxy(sample, {
    get(values, key) {
      asked.add(String(key));
      return Object.hasOwn(values, key) ? values[String(key)] : marker(String(key));
    },
  });
  const tell = ({ params }: Reason) => String((params as { told?: string } | undefined)?.told);
  const parts = [message, action].map((part) =>
    part instanceof Function ? part(params as never, tell) : (part ?? ''),
  );
  const text = parts.join('\n');
  return { text, asked: [...asked].sort(), shown: [...new Set(text.match(SHOWN))].sort() };
}

const ids = Object.keys(english) as (keyof typeof english)[];
const cases = ids.flatMap((id) =>
  (SAMPLES[id] ?? [{}]).map((sample) => [id, sample] as [typeof id, Record<string, unknown>]),
);

describe('errors in both languages', () => {
  test('have the same ids, in the same order', () => {
    expect(Object.keys(japanese)).toEqual(ids);
  });

  test.each(cases)('%s shows the same values: %o', (id, sample) => {
    const en = told(english[id] as ErrorText, sample);
    const ja = told(japanese[id] as ErrorText, sample);
    expect(ja.shown).toEqual(en.shown);
    expect(ja.asked).toEqual(en.asked);
    for (const { text } of [en, ja]) expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test('no two Japanese texts say the same where the English ones differ', () => {
    const englishOf = new Map<string, string>();
    const same: string[] = [];
    for (const [id, sample] of cases) {
      const { text } = told(japanese[id] as ErrorText, sample);
      const en = told(english[id] as ErrorText, sample).text;
      const other = englishOf.get(text);
      if (other !== undefined && other !== en) same.push(`${id}: ${text}`);
      englishOf.set(text, en);
    }
    expect(same).toEqual([]);
  });
});
