import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExplorerStore } from '../../../../src/app/explorer/state/explorer-store.ts';
import { AppStore } from '../../../../src/app/page/store.ts';
import { WORKER_DEAD } from '../../../../src/app/state/client.ts';
import type { Pair } from '../../../../src/domain/settings.ts';
import { MAX_CHARACTERS } from '../../../../src/explore/clip.ts';
import { encodeLink } from '../../../../src/explore/link.ts';
import type { Explored, ExploreRequest } from '../../../../src/scoring/worker/explore-api.ts';
import { errorOf } from '../../../../testing/errors.ts';
import { csvSummary, ENGINE, FakeApi, MODEL, rowsEvent } from '../../../../testing/fake-api.ts';

const PAIR: Pair = { prompt: ['p'], responseA: ['One. Two.'], responseB: ['b'] };

let api: FakeApi;
let app: AppStore;
let store: ExplorerStore;
const state = () => store.getState();

beforeEach(async () => {
  vi.useFakeTimers();
  api = new FakeApi();
  const client = api;
  app = new AppStore({ client, storage: null, embedded: { kind: 'url', url: 'http://x/demo/' } });
  store = new ExplorerStore(client, app);
  store.open();
});

afterEach(() => vi.useRealTimers());

/** Lets all pending work finish, timers included. */
const rest = () => vi.advanceTimersByTimeAsync(1000);

async function modelReady(): Promise<void> {
  void app.model.load();
  await vi.advanceTimersByTimeAsync(0);
  void api.loads.at(-1)!.answer(MODEL);
  await rest();
}

/** An answer whose first logit is the length of the text, so that each text has a different one. */
function answerTo({ texts, adapters }: ExploreRequest, seconds = 0.1): Explored {
  const names = [...new Set(adapters)];
  const logits = names.flatMap((name) =>
    texts.flatMap(({ pair, swapped }) => {
      const [first, second] = swapped
        ? [pair.responseB, pair.responseA]
        : [pair.responseA, pair.responseB];
      return [first.join().length / 10, second.join().length / 10, name?.length ?? 0];
    }),
  );
  const cut = { prompt: 0, responseA: 0, responseB: 0, turns: 0 };
  return {
    adapters: names,
    logits: Float32Array.from(logits),
    facts: texts.map(() => ({ tokens: 9, length: 9, truncated: false, cut })),
    engine: ENGINE,
    seconds,
  };
}

/** Answers the pending call. */
async function answer(seconds?: number): Promise<void> {
  const call = api.explores.at(-1)!;
  void call.answer(answerTo(call.args, seconds));
  await vi.advanceTimersByTimeAsync(0);
}

/** Answers calls until none is pending. */
async function answerAll(seconds?: number): Promise<void> {
  for (let answered = -1; answered < api.explores.length; ) {
    answered = api.explores.length;
    await answer(seconds);
  }
}

describe('scoring', () => {
  test('waits for the model, then asks for both orders with the chosen adapter', async () => {
    expect(state().scoring).toBe('model');
    expect(api.explores).toHaveLength(0);
    await modelReady();
    const { texts, adapters, settings } = api.explores[0]!.args;
    expect(texts).toEqual([
      { pair: state().pair, swapped: false },
      { pair: state().pair, swapped: true },
    ]);
    expect(adapters).toEqual(['one']);
    expect(settings).toBe(app.getState().settings);
    await answer();
    expect(state()).toMatchObject({
      scoring: 'done',
      score: { notices: [{ name: null, notice: 'Untrained.' }] },
    });
    expect(state().score!.pair).toBe(state().pair);
  });

  test('typing cancels the call in flight, drops its answer, and asks after a pause', async () => {
    await modelReady();
    const first = api.explores[0]!;
    store.edit('responseA', 0, 'x');
    expect(api.exploreStops).toBe(1);
    expect(state().scoring).toBe('scoring');
    store.edit('responseA', 0, 'xy');
    await vi.advanceTimersByTimeAsync(10);
    expect(api.explores).toHaveLength(1);
    await rest();
    expect(api.explores).toHaveLength(2);
    expect(api.explores[1]!.args.texts[0]!.pair.responseA).toEqual(['xy']);
    void first.answer(answerTo(first.args));
    await vi.advanceTimersByTimeAsync(0);
    expect(state().score).toBeNull();
    await answer();
    expect(state().score!.pair.responseA).toEqual(['xy']);
  });

  test('asks again for another adapter and other settings, and for nothing else', async () => {
    await modelReady();
    await answerAll();
    const asked = api.explores.length;
    app.model.setAdapters(['two']);
    await rest();
    expect(api.explores.at(-1)!.args.adapters).toEqual(['two']);
    await answerAll();
    app.settings.set({ maxLength: 64 });
    await rest();
    expect(api.explores.at(-1)!.args.settings.maxLength).toBe(64);
    await answerAll();
    const after = api.explores.length;
    expect(after).toBeGreaterThan(asked);
    void app.file.open(new File(['x'], 'a.csv'));
    await rest();
    expect(api.explores).toHaveLength(after);
  });

  test('rests during a run and goes on after it', async () => {
    await modelReady();
    await answerAll();
    void app.file.open(new File(['x'], 'a.csv'));
    await rest();
    void api.opens[0]!.answer(csvSummary(3));
    await rest();
    const before = api.explores.length;
    void app.run.start();
    await rest();
    expect(state().scoring).toBe('run');
    store.edit('prompt', 0, 'new');
    await rest();
    expect(api.explores).toHaveLength(before);
    void api.starts[0]!.fail({ code: 'engine/failed', message: 'No.' });
    await rest();
    expect(api.explores.at(-1)!.args.texts[0]!.pair.prompt).toEqual(['new']);
  });

  test('a failure is shown and can be retried; a cancelled call is not a failure', async () => {
    await modelReady();
    void api.explores[0]!.fail({ code: 'run/cancelled', message: 'Cancelled.' });
    await rest();
    expect(state()).toMatchObject({ scoring: 'scoring', error: null });
    store.scores.retry();
    await rest();
    void api.explores[1]!.fail({ code: 'engine/failed', message: 'It broke.' });
    await rest();
    expect(state()).toMatchObject({ scoring: 'failed', error: { message: 'It broke.' } });
    store.scores.retry();
    await rest();
    await answer();
    expect(state()).toMatchObject({ scoring: 'done', error: null });
  });

  test('both rewards of a long pair come together, since half of them says nothing', async () => {
    const engine = { ...ENGINE, reading: 'reward' } as const;
    void app.model.load();
    await vi.advanceTimersByTimeAsync(0);
    void api.loads.at(-1)!.answer({ ...MODEL, engine });
    await rest();
    store.setPair({ ...PAIR, responseA: ['word '.repeat(200)] }, { kind: 'own' });
    await rest();
    const { args, answer: tell } = api.explores.at(-1)!;
    expect(args.texts.map(({ swapped }) => swapped)).toEqual([false, true]);
    const { facts, adapters } = answerTo(args);
    void tell({ adapters, facts, engine, logits: Float32Array.of(2, -1), seconds: 0.1 });
    await vi.advanceTimersByTimeAsync(0);
    const { score } = state();
    expect(score!.scores.mean[0]).toBeCloseTo(1 / (1 + Math.exp(-3)), 12);
    expect(score!.scores.logits).toEqual([{ adapter: adapters[0], forward: [2], swapped: [-1] }]);
  });

  test('for a long pair, the displayed order comes first', async () => {
    await modelReady();
    await answerAll();
    const long = { ...PAIR, responseA: ['word '.repeat(200)] };
    store.scores.setCompares(true);
    store.setPair(long, { kind: 'own' });
    await rest();
    const first = api.explores.at(-1)!;
    expect(first.args.texts).toEqual([{ pair: long, swapped: false }]);
    await answer();
    const { forward } = state().first!;
    expect(state()).toMatchObject({ scoring: 'scoring', first: { pair: long } });
    expect(api.explores.at(-1)!.args.texts).toEqual([{ pair: long, swapped: true }]);
    await answer();
    expect(state()).toMatchObject({ scoring: 'done', first: null });
    const score = state().score!;
    expect(score.scores.forward).toEqual(forward);
    expect(score.seconds).toBeCloseTo(0.2);
    const whole = answerTo({
      ...first.args,
      texts: [
        { pair: long, swapped: false },
        { pair: long, swapped: true },
      ],
    });
    expect(score.compared.flatMap(({ scores }) => scores.logits[0]!.swapped)).toEqual([
      ...whole.logits.subarray(3, 6),
      ...whole.logits.subarray(9, 12),
    ]);
  });

  test('the death of the worker is passed on: the model must be loaded again', async () => {
    await modelReady();
    void api.explores[0]!.fail({ code: WORKER_DEAD, message: 'It stopped.' });
    await rest();
    expect(app.getState().model.status).toBe('failed');
    expect(state().scoring).toBe('model');
  });

  test('nothing is asked while another screen is shown', async () => {
    const close = store.open();
    await modelReady();
    await answerAll();
    close();
    const before = api.explores.length;
    app.model.setAdapters(['two']);
    await rest();
    expect(api.explores).toHaveLength(before);
    store.open();
    await rest();
    expect(api.explores.at(-1)!.args.adapters).toEqual(['two']);
  });

  test('adapters side by side are asked for in one call', async () => {
    await modelReady();
    await answerAll();
    store.scores.setCompares(true);
    await rest();
    expect(api.explores.at(-1)!.args.adapters).toEqual(['one', 'two']);
    await answer();
    expect(state().score!.compared.map(({ adapter }) => adapter)).toEqual(['one', 'two']);
    expect(state().score!.scores).toEqual(state().score!.compared[0]!.scores);
  });
});

describe('variants', () => {
  beforeEach(async () => {
    await modelReady();
    store.setPair(PAIR, { kind: 'own' });
    await rest();
  });

  test('counterfactuals are scored by themselves where that is quick', async () => {
    await answer(0.1);
    expect(api.explores.at(-1)!.args.texts.length).toBeGreaterThan(2);
    await answerAll(0.1);
    const tries = state().tries!;
    for (const { kind, pair, scores } of tries) {
      expect(scores !== null).toBe(pair !== null && kind !== 'exchange');
    }
    expect(tries.find(({ kind }) => kind === 'plain')!.pair).toBeNull();
  });

  test('where it is not, they wait to be asked for, also with the next pair', async () => {
    await answer(5);
    const before = api.explores.length;
    expect(state().tries).toBeNull();
    store.variants.wantTries();
    await answerAll(5);
    expect(api.explores.length).toBeGreaterThan(before);
    // Few texts at a time, so that a keystroke need not wait.
    for (const call of api.explores.slice(before)) expect(call.args.texts).toHaveLength(2);
    store.edit('prompt', 0, 'q');
    expect(state().tries).toBeNull();
  });

  test('effects of sentences come bit by bit, and can be stopped', async () => {
    await answer(0.4);
    store.variants.wantWhy(true);
    expect(state().why!.units).toHaveLength(4);
    await answerAll(0.4);
    expect(state().why!.scores.every((scores) => scores !== null)).toBe(true);
    const without = state().why!.units[1]!.without;
    expect(without.responseA).toEqual(['Two.']);
    store.variants.wantWhy(false);
    expect(state().why).toBeNull();
  });

  test('an edit ends them, and they begin anew for the new pair', async () => {
    await answer(0.1);
    store.variants.wantWhy(true);
    const old = api.explores.at(-1)!;
    const stops = api.exploreStops;
    store.edit('responseB', 0, 'Three. Four. Five.');
    expect(api.exploreStops).toBe(stops + 1);
    void old.answer(answerTo(old.args));
    await rest();
    expect(api.explores.at(-1)!.args.texts).toHaveLength(2);
    await answerAll(0.1);
    expect(state().why!.units).toHaveLength(6);
    expect(state().why!.scores.every((scores) => scores !== null)).toBe(true);
    expect(state().tries!.some(({ scores }) => scores !== null)).toBe(true);
  });

  test('another adapter outdates the results', async () => {
    await answerAll(0.1);
    const before = state().tries!.find(({ kind }) => kind === 'empty-a')!.scores!;
    app.model.setAdapters(['two-longer']);
    await rest();
    await answerAll(0.1);
    const after = state().tries!.find(({ kind }) => kind === 'empty-a')!.scores!;
    expect(after.mean).not.toEqual(before.mean);
  });
});

describe('history', () => {
  test('any state can be returned to', async () => {
    await modelReady();
    store.setPair(PAIR, { kind: 'own' });
    store.edit('responseA', 0, 'Changed.');
    await rest();
    await answer();
    store.tryPair({ ...PAIR, responseB: [''] }, 'Empty answer B');
    await rest();
    await answer();
    const labels = state().history.map(({ step }) => step.kind);
    expect(labels).toEqual(['opened', 'edit', 'try']);
    expect(
      state()
        .history.slice(1)
        .every(({ mean }) => mean !== null),
    ).toBe(true);
    store.returnTo(state().history[1]!.id);
    expect(state().pair.responseA).toEqual(['Changed.']);
    expect(state().history.at(-1)!.step.kind).toBe('returned');
  });
});

describe('opening', () => {
  test('a row of the file', async () => {
    await store.openQuery('row=3');
    expect(state()).toMatchObject({
      source: { kind: 'row', row: 2, id: '2' },
      pair: { prompt: ['p'], responseA: ['a'], responseB: ['b'] },
      openError: null,
    });
    expect(state().original).toBe(state().pair);
  });

  test('a row again, after another screen was shown, though it was edited', async () => {
    const close = store.open();
    await store.openQuery('row=3');
    store.edit('prompt', 0, 'edited');
    await store.openQuery('row=3');
    expect(state().pair.prompt).toEqual(['edited']);
    close();
    store.open();
    await store.openQuery('row=3');
    expect(state().pair.prompt).toEqual(['p']);
    expect(state().history.some(({ pair }) => pair.prompt[0] === 'edited')).toBe(true);
  });

  test('the file’s row in place of the first example, and nothing that was chosen or typed', async () => {
    void app.file.open(new File(['x'], 'a.csv'));
    await rest();
    void api.opens[0]!.answer({ ...csvSummary(3), name: 'a.csv' });
    await rest();
    expect(state()).toMatchObject({ source: { kind: 'row', row: 0 } });
    expect(state().history).toHaveLength(1);
    expect(store.rowFromHere(1)).toBe(1);
    expect(store.rowFromHere(-1)).toBeNull();

    // The same file read again shows the same row; another file its first one.
    await store.openRow(2);
    void app.file.open(new File(['x'], 'a.csv'));
    await rest();
    void api.opens[1]!.answer({ ...csvSummary(3), name: 'a.csv' });
    await rest();
    expect(state()).toMatchObject({ source: { kind: 'row', row: 2 } });
    void app.file.open(new File(['x'], 'b.csv'));
    await rest();
    void api.opens[2]!.answer({ ...csvSummary(3), name: 'b.csv' });
    await rest();
    expect(state()).toMatchObject({ source: { kind: 'row', row: 0 } });

    store.edit('prompt', 0, 'typed');
    void app.file.open(new File(['x'], 'c.csv'));
    await rest();
    void api.opens[3]!.answer({ ...csvSummary(3), name: 'c.csv' });
    await rest();
    expect(state().pair.prompt).toEqual(['typed']);
    expect(store.rowFromHere(1)).toBe(1);
    store.setPair(PAIR, { kind: 'own' });
    expect(store.rowFromHere(-1)).toBe(0);
  });

  test('takes the beginning of a very long text, and says so', async () => {
    const long = 'x'.repeat(MAX_CHARACTERS);
    store.setPair({ ...PAIR, responseA: ['y', long] }, { kind: 'own' });
    expect(state().pair.responseA).toEqual(['y', long.slice(1)]);
    expect(state().original).toBe(state().pair);
    expect(state().clipped).toEqual([{ part: 'responseA', length: MAX_CHARACTERS + 1 }]);
    store.edit('prompt', 0, `${long}!`);
    expect(state().pair.prompt).toEqual([long]);
    expect(state().clipped).toEqual([{ part: 'prompt', length: MAX_CHARACTERS + 1 }]);
    store.setPair(PAIR, { kind: 'own' });
    expect(state().clipped).toEqual([]);
  });

  test('of two rows the later one wins, and a missing row changes nothing', async () => {
    const answers: ((id: string) => void)[] = [];
    api.readRow = () =>
      new Promise((done) => {
        answers.push((id) =>
          done({ id, prompt: [id], responseA: [], responseB: ['b'], problem: null }),
        );
      });
    const first = store.openRow(0);
    const second = store.openRow(1);
    answers[1]!('second');
    await second;
    answers[0]!('first');
    await first;
    expect(state().pair).toEqual({ prompt: ['second'], responseA: [''], responseB: ['b'] });
    api.readRow = () => Promise.reject(errorOf('run/not-ready', 'No row.'));
    await store.openRow(5);
    expect(state()).toMatchObject({
      pair: { prompt: ['second'] },
      openError: { message: 'No row.' },
    });
  });

  test('a link, once: edits are not undone when the screen is shown again', async () => {
    vi.useRealTimers();
    const said = { model: 'm', adapter: null, mean: [0.2, 0.3, 0.5] as [number, number, number] };
    const query = `d=${await encodeLink({ pair: PAIR, said })}`;
    await store.openQuery(query);
    expect(state()).toMatchObject({ pair: PAIR, source: { kind: 'link', said } });
    store.edit('prompt', 0, 'mine');
    await store.openQuery(query);
    expect(state().pair.prompt).toEqual(['mine']);
    await store.openQuery('d=damaged!');
    expect(state()).toMatchObject({
      pair: { prompt: ['mine'] },
      openError: { code: 'explore/link' },
    });
  });
});

describe('turns', () => {
  test('are added to and taken from all three texts', () => {
    store.setPair({ prompt: ['p', 'q'], responseA: ['a'], responseB: ['b', 'c'] }, { kind: 'own' });
    store.edit('responseA', 1, 'd');
    expect(state().pair.responseA).toEqual(['a', 'd']);
    store.addTurn();
    expect(state().pair.prompt).toEqual(['p', 'q', '']);
    store.removeTurn(0);
    expect(state().pair).toEqual({
      prompt: ['q', ''],
      responseA: ['d', ''],
      responseB: ['c', ''],
    });
    store.removeTurn(1);
    store.removeTurn(0);
    expect(state().pair.prompt).toEqual(['q']);
  });
});

describe('tokens', () => {
  test('are read only while shown, for the present pair', async () => {
    await modelReady();
    expect(api.tokenCalls).toHaveLength(0);
    store.tokens.show({ isWanted: true });
    expect(api.tokenCalls[0]!.args).toMatchObject({ swapped: false });
    store.tokens.show({ swapped: true });
    expect(api.tokenCalls[1]!.args).toMatchObject({ swapped: true });
    const seen = { ids: new Int32Array(1) } as never;
    void api.tokenCalls[0]!.answer(seen);
    await rest();
    expect(state().tokens.seen).toBeNull();
    void api.tokenCalls[1]!.answer(seen);
    await rest();
    expect(state().tokens.seen).toBe(seen);
    store.edit('prompt', 0, 'other');
    await rest();
    expect(api.tokenCalls[2]!.args.pair.prompt).toEqual(['other']);
  });
});

test('rows that come while the explorer is shown change nothing in it', async () => {
  await modelReady();
  await answerAll();
  const before = api.explores.length;
  void app.file.open(new File(['x'], 'a.csv'));
  await rest();
  api.opens[0]!.send([rowsEvent(0, 3)]);
  await rest();
  expect(api.explores).toHaveLength(before);
});
