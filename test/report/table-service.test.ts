import { describe, expect, test } from 'vitest';
import { readLabelledFile } from '../../src/data/labelled/labelled-file.ts';
import { nameOf } from '../../src/data/labelled/names.ts';
import type { Choices, RunResults, View } from '../../src/report/api.ts';
import { FiguresService } from '../../src/report/figures-service.ts';
import { ALL_ROWS, type Query } from '../../src/report/query.ts';
import { TableService } from '../../src/report/table-service.ts';
import { assess } from '../../src/stats/figures/assess.ts';
import { NO_POST, type PostProcessing } from '../../src/stats/figures/post.ts';
import type { Table } from '../../src/stats/table/table.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';

const HEADER =
  'id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie,group';
const LINES = [
  '1,x,y,"[""What is rain?""]","[""Water, \\u00dcBER all""]","[""I\'m sorry, I cannot help""]",1,0,0,g',
  '2,y,x,"[""Code""]","[""```js\\ncode```""]","[""- a\\n- b""]",0,1,0,g',
  '',
  '3,x,z,"[""何ですか。これは。""]","[""""]","[""同じ""]",0,0,1,h',
  '4,x,y,"[""p""]","[""same""]","[""same""]",1,1,0,',
  '5,x,y,"[""broken","[""a""]","[""b""]",1,0,0,',
];
const TEXT = `${[HEADER, ...LINES].join('\n')}\n`;
const NONE = Number.NaN;
const PROBABILITIES = [
  [0.7, 0.2, 0.1],
  [0.3, 0.6, 0.1],
  [0.2, 0.3, 0.5],
  [0.4, 0.4, 0.2],
  [NONE, NONE, NONE],
];
const RESULTS: RunResults = {
  raw: Float64Array.from(PROBABILITIES.flat()),
  forward: null,
  adapters: null,
  rewards: null,
  tokens: Uint32Array.of(10, 20, 30, 40, 0),
  flags: Uint8Array.of(0, 2, 0, 0, 1),
};

const noRuns = {
  sink: () => Promise.reject(new Error('no kept runs here')),
};

async function opened(post: PostProcessing = NO_POST, other: number[][] | null = null) {
  const service = new TableService(noRuns);
  const file = new File([TEXT], 'train.csv');
  const { table, facts } = await service.open(file, 'faithful', () => undefined);
  const compared = other && { one: null, other: Float64Array.from(other.flat()) };
  const choices: Choices = { post, members: [], compared };
  await service.setResults(RESULTS);
  await service.choose(choices);
  return { service, table, facts, choices };
}

async function find(service: TableService, query: Partial<Query>) {
  const views: View[] = [];
  const view = await service.find({ ...ALL_ROWS, ...query }, (part) => views.push(part));
  return [...view.rows];
}

describe('reading a labelled file', () => {
  test('keeps labels, models and groups, and says which labels cannot be read', async () => {
    const { table, facts } = await opened();
    expect([...table.labels]).toEqual([0, 1, 2, 255, 0]);
    expect(facts).toEqual({ rows: 5, labelled: 4, badLabels: 1, hasLabels: true, models: 3 });
    const names = (of: keyof Table['models']) =>
      Array.from({ length: 4 }, (_, row) => nameOf(table.models[of], row));
    expect(names('a')).toEqual(['x', 'y', 'x', 'x']);
    expect(names('b')).toEqual(['y', 'x', 'z', 'y']);
    expect(nameOf(table.group, 0)).toBe('g');
    expect(nameOf(table.group, 3)).toBeNull();
  });

  test('a file without labels or models has none', async () => {
    const service = new TableService(noRuns);
    const file = new File(['id,prompt,response_a,response_b\n7,p,a,b\n'], 'test.csv');
    const { table, facts } = await service.open(file, 'clean', () => undefined);
    expect(facts).toEqual({ rows: 1, labelled: 0, badLabels: 0, hasLabels: false, models: 0 });
    expect(nameOf(table.models.a, 0)).toBeNull();
  });
});

describe('finding rows', () => {
  test('a text is looked for in prompts and answers, whatever its letter case', async () => {
    const { service } = await opened();
    expect(await find(service, { text: 'über' })).toEqual([0]);
    expect(await find(service, { text: 'RAIN' })).toEqual([0]);
    expect(await find(service, { text: '何ですか' })).toEqual([2]);
    expect(await find(service, { text: 'same' })).toEqual([3]);
    expect(await find(service, { text: 'nowhere' })).toEqual([]);
    // The search skips columns that are not texts, and unreadable rows.
    expect(await find(service, { text: 'broken' })).toEqual([]);
    expect(await find(service, { text: ' ' })).toEqual([0, 1, 2, 3, 4]);
  });

  test('filters and order hold together with a text', async () => {
    const { service } = await opened();
    const sort = { field: 'a', descending: true } as const;
    expect(await find(service, { sort })).toEqual([0, 3, 1, 2, 4]);
    const filters = [{ kind: 'slice', slice: 'truncation', part: 0 }] as const;
    expect(await find(service, { sort, filters, text: 'a' })).toEqual([0, 3]);
  });

  test('a newer call ends an older one', async () => {
    const { service } = await opened();
    const older = service.find({ ...ALL_ROWS, text: 'rain' }, () => undefined);
    const newer = service.find({ ...ALL_ROWS, text: 'same' }, () => undefined);
    await expect(older).rejects.toMatchObject({ code: 'run/cancelled' });
    expect([...(await newer).rows]).toEqual([3]);
    const stopped = service.find({ ...ALL_ROWS, text: 'rain' }, () => undefined);
    await service.stop();
    await expect(stopped).rejects.toMatchObject({ code: 'run/cancelled' });
  });

  test('nothing is found before a file is read', async () => {
    const service = new TableService(noRuns);
    await expect(service.find(ALL_ROWS, () => undefined)).rejects.toMatchObject({
      code: 'report/not-ready',
    });
  });
});

async function exported(post: PostProcessing = NO_POST, other: number[][] | null = null) {
  const { service } = await opened(post, other);
  const { csv, sha256 } = await service.exportRows(Uint32Array.of(2, 0, 4));
  const [head, ...lines] = (await csv.text()).trimEnd().split('\n');
  const names = head!.split(',');
  const rows = lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])),
  );
  return { names, rows, csv, sha256 };
}

describe('the export', () => {
  test('has the rows in the order that was asked for, with all that is known', async () => {
    const { names, rows, csv, sha256 } = await exported();
    expect(rows.map((row) => row.id)).toEqual(['3', '1', '5']);
    expect(rows[1]).toMatchObject({
      row: '1',
      winner_model_a: '0.7',
      winner_model_b: '0.2',
      winner_tie: '0.1',
      confidence: '0.7',
      label: 'a',
      log_loss: '0.356674944',
      model_a: 'x',
      model_b: 'y',
      group: 'g',
      tokens: '10',
      refusal_b: '1',
      refusal_a: '0',
      truncated: '0',
    });
    expect(rows[0]).toMatchObject({ language_guess: 'japanese', empty_a: '1', empty_b: '0' });
    expect(rows[2]).toMatchObject({ winner_model_a: '', confidence: '', not_scorable: '1' });
    expect(names).not.toContain('post_processing');
    expect(names).not.toContain('order_gap');
    const digest = await crypto.subtle.digest('SHA-256', await csv.arrayBuffer());
    expect(sha256).toBe(Buffer.from(digest).toString('hex'));
  });

  test('has the rewards of a reward model and their margin, by which rows are sorted too', async () => {
    const { service } = await opened();
    const values = [
      1.5,
      0.25,
      4,
      2,
      0,
      0,
      -1,
      1,
      3,
      -0.5,
      1,
      1,
      2,
      2.5,
      0,
      -4,
      NONE,
      NONE,
      NONE,
      NONE,
    ];
    const rewards = Float32Array.from(values);
    const probabilities = Float32Array.from({ length: 30 }, () => 0.5);
    const adapters = { names: ['one', null], probabilities };
    await service.setResults({ ...RESULTS, adapters, rewards });
    await service.choose({ post: NO_POST, members: [], compared: null });
    const { csv } = await service.exportRows(Uint32Array.of(0, 2, 4));
    const [head, ...lines] = (await csv.text()).trimEnd().split('\n');
    const cell = (row: number, name: string) =>
      lines[row]!.split(',')[head!.split(',').indexOf(name)];
    const names = [
      'reward_a',
      'reward_b',
      'margin',
      'adapter_none_reward_b',
      'adapter_none_margin',
    ];
    expect(names.map((name) => cell(0, name))).toEqual(['2.75', '1.125', '1.625', '2', '2']);
    expect(names.map((name) => cell(1, name))).toEqual(['2', '0.25', '1.75', '1', '0']);
    expect(names.map((name) => cell(2, name))).toEqual(['', '', '', '', '']);
    const sort = { field: 'margin', descending: true } as const;
    expect(await find(service, { sort })).toEqual([2, 3, 0, 1, 4]);
  });

  test('names post-processing in every row, with the numbers before it', async () => {
    const { rows } = await exported({ ...NO_POST, empty: [0, 1, 0] });
    for (const row of rows) expect(row.post_processing).toBe('empty 0/1/0');
    expect(rows[0]).toMatchObject({ winner_model_b: '1', unprocessed_winner_model_b: '0.3' });
  });

  test('can be compared with later on', async () => {
    const { csv } = await exported();
    const { service } = await opened();
    const file = new File([csv], 'earlier.csv');
    const other = await service.readOther({ file });
    expect(other.rows).toBe(2);
    expect([...other.probabilities.subarray(0, 9)]).toEqual([
      ...PROBABILITIES[0]!,
      NONE,
      NONE,
      NONE,
      ...PROBABILITIES[2]!,
    ]);
  });
});

describe('results of another run', () => {
  const read = async (text: string) => {
    const { service } = await opened();
    return service.readOther({ file: new File([text], 'other.csv') });
  };
  const header = 'id,winner_model_a,winner_model_b,winner_tie\n';

  test.each([
    ['a,b\n1,2\n', 'report/not-a-result', 'Missing: id, winner_model_a'],
    [`${header}1,0.5,0.5,0.5\n`, 'report/not-a-result', '0.5, 0.5, 0.5'],
    [`${header}1,0.5,x,0.5\n`, 'report/not-a-result', 'are not three probabilities'],
    [`${header}99,0.5,0.25,0.25\n`, 'report/no-common-row', 'None of its ids'],
  ])('%j is refused', async (text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('rows are found by their ids, in whatever order', async () => {
    const other = await read(`${header}4,0.2,0.3,0.5\r\n1,1,0,0\r\n`);
    expect(other.rows).toBe(2);
    expect([...other.probabilities.subarray(0, 3)]).toEqual([1, 0, 0]);
    expect([...other.probabilities.subarray(9, 12)]).toEqual([0.2, 0.3, 0.5]);
  });
});

describe('figures', () => {
  const options = { draws: 50, seed: 3 };

  async function figures(other: number[][] | null = null) {
    const { table, choices } = await opened(NO_POST, other);
    const service = new FiguresService();
    await service.setData(table, RESULTS);
    await service.choose(choices);
    return service;
  }

  test('are those of npm run evaluate on the same rows', async () => {
    const service = await figures();
    const quality = (await service.quality(options))!;
    const bytes = new TextEncoder().encode(TEXT);
    const { table } = await readLabelledFile(new MemorySource('train.csv', bytes));
    // The fourth has no label, the fifth no result.
    const probabilities = Float64Array.from(PROBABILITIES.slice(0, 3).flat());
    const expected = assess({ table, probabilities }, [0, 1, 2], [10, 20, 30], options);
    expect(expected).toMatchObject(quality.assessment);
    expect(expected.unit).toBe('group');
    expect(quality.rows).toBe(3);
  });

  test('the worst rows come first, and slices leave nobody out', async () => {
    const quality = (await (await figures()).quality(options))!;
    expect(quality.worst.map(({ row }) => row)).toEqual([2, 1, 0]);
    for (const { parts } of quality.slices) {
      expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
    }
  });

  test('without labels there is no word on quality, and no leaderboard without models', async () => {
    const service = new TableService(noRuns);
    const file = new File(['id,prompt,response_a,response_b\n7,p,a,b\n'], 'test.csv');
    const { table } = await service.open(file, 'clean', () => undefined);
    const one = new FiguresService();
    const results: RunResults = {
      raw: Float64Array.of(0.5, 0.3, 0.2),
      forward: null,
      adapters: null,
      rewards: null,
      tokens: Uint32Array.of(9),
      flags: Uint8Array.of(0),
    };
    await one.setData(table, results);
    await one.choose({ post: NO_POST, members: [], compared: null });
    expect(await one.quality(options)).toBeNull();
    expect(await one.leaderboard(options)).toBeNull();
    expect(await one.comparison(options)).toBeNull();
    expect(await one.effects(options)).toEqual([]);
    const distribution = await one.distribution();
    expect(distribution).toMatchObject({ rows: 1, scored: 1, predicted: [1, 0, 0], orders: null });
  });

  test('the leaderboard has every model that played, the strongest by actual votes first', async () => {
    const leaderboard = (await (await figures()).leaderboard(options))!;
    expect(leaderboard.rows).toBe(3);
    expect(leaderboard.models.map(({ games }) => games).sort()).toEqual([1, 2, 3]);
    const actual = leaderboard.models.map((rated) => rated.actual!.value!);
    expect([...actual].sort((a, b) => b - a)).toEqual(actual);
    // x beat y twice and tied with z.
    expect(leaderboard.models[0]!.model).toBe(0);
    expect(leaderboard.models.at(-1)!.model).toBe(1);
  });

  test('a comparison pairs rows, and its sign says which is better', async () => {
    const other = PROBABILITIES.map((p, row) => (row === 1 ? [0.6, 0.3, 0.1] : p));
    const comparison = (await (await figures(other)).comparison(options))!;
    expect(comparison.rows).toBe(4);
    expect(comparison.sameClass).toBe(3);
    expect(comparison.changed[0]).toEqual({ row: 1, change: expect.closeTo(0.3, 12) });
    const { rows, difference } = comparison.judged!;
    expect(rows).toBe(3);
    expect(difference.value).toBeCloseTo((Math.log(0.3) - Math.log(0.6)) / 3, 12);
  });
});
