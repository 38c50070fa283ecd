import { setTimeout as sleep } from 'node:timers/promises';
import { planOf } from '../../src/scoring/lanes/lane.ts';
import type { ModelLane } from '../../src/scoring/lanes/start-lanes.ts';
import { gigabytes, median } from '../figures.ts';
import { atShare, type Baseline, type Bench, randomRows, warm } from './bench.ts';
import { memoryUsed } from './cards.ts';
import { intervalsOf, type Trace } from './engine-process.ts';
import type { Crossing } from './engines.ts';
import { grown, rate, saveTraces } from './report.ts';
import { differences, scoreRows } from './rows.ts';

/**
 * Share of the layers' bytes that is too little for one card and enough for two, since batches need room beside
 * weights.
 */
const BUDGET = 0.9;
/** Budget in bytes for the narrow model, whose batches take far more than its layers. */
const SMALL_BUDGET = 50_000_000;

/** Benches layers shared by two cards: the transfer between them, a run, and runs in which either card is lost. */
export async function benchShared(bench: Bench, base: Baseline): Promise<void> {
  const { report, engines, model, layerBytes, small, parts, few } = bench;
  await sleep(1500); // the driver frees what ended processes held
  const budget = small ? SMALL_BUDGET : Math.round(BUDGET * layerBytes);
  const before = memoryUsed();
  const from = report.seconds;
  const started = await engines.start(model, {
    lanes: small ? 'split' : 'auto',
    budgets: engines.boundEach(budget),
  });
  const [lane] = started.lanes as [ModelLane];
  const { lanes, gpus } = started.plan!;
  const planned = gpus.map(
    ({ range, totalBytes, batchTokens, streamedBytes }) =>
      `layers ${range.from} to ${range.to}, ${gigabytes(totalBytes)}, parts of ${batchTokens} tokens, ${streamedBytes} bytes read again`,
  );
  report.result(
    `layers shared: budget ${gigabytes(budget)} each of ${gigabytes(layerBytes)} of layers; plan ${lanes}, ${planned.join(' | ')}; loaded in ${(report.seconds - from).toFixed(1)} s; memory in use grew by ${grown(before)}`,
  );
  report.print(lane.info.computesOn);
  await warm(lane, small);
  await benchCrossing(bench, lane);

  const plan = base.plan ?? planOf([lane], bench.batchTokens);
  await engines.reset();
  const shared = await scoreRows(base.rows === undefined ? few : bench.rows, [lane], plan);
  report.run('layers shared', shared);
  const one = base.rows ?? base.few;
  if (one !== undefined) {
    report.result(
      `layers shared: ${(rate(shared) / rate(one)).toFixed(3)} times one card with all layers (goal 0.85); ${differences(one, shared)}`,
    );
  }
  const traces = await engines.traces();
  report.idle('layers shared', shared, traces, [0, 1]);
  saveTraces('trace-shared.json', traces);
  const stage = (of: (at: Crossing) => number) => median(engines.crossings.map(of)).toFixed(1);
  report.result(
    `layers shared, parts under way: ${engines.crossings.length} parts, median of each: first card ${stage(({ asked, given }) => given - asked)} ms, waiting ${stage(({ given, handed }) => handed - given)} ms, second card ${stage(({ handed, done }) => done - handed)} ms`,
  );
  const peaks = (await engines.askAll('memory')) as number[];
  report.result(`layers shared: buffers at most ${peaks.map(gigabytes).join(' and ')}`);

  const { few: alone } = base;
  if (!parts.includes('lost') || alone === undefined) return;
  for (const card of [1, 0]) {
    const name = `layers shared, process of card ${card} killed at 40 %`;
    await report.part(name, async () => {
      const onShare = atShare(0.4, () => engines.kill(card));
      report.lost(name, await scoreRows(few, [lane], plan, { onShare }), alone);
    });
  }
}

/** One part after the other, so that nothing else is in flight while its hidden states cross. */
async function benchCrossing(
  { report, engines, small, hiddenSize }: Bench,
  lane: ModelLane,
): Promise<void> {
  const length = small ? 16 : 2048;
  await engines.reset();
  for (const row of randomRows(small ? 4 : 20, length, 5)) await lane.logits([row]);
  const [a, b] = (await engines.traces()) as [Trace, Trace];
  const [callsA, callsB] = [intervalsOf(a.calls), intervalsOf(b.calls)];
  const [passesA, passesB] = [intervalsOf(a.passes), intervalsOf(b.passes)];
  const steps = engines.crossings.map((crossing, i) => {
    const [from, to] = [callsA[i]!, callsB[i]!];
    const last = passesA.findLast((pass) => pass.from < from.to)?.to ?? Number.NaN;
    const first = passesB.find((pass) => pass.to > to.from)?.from ?? Number.NaN;
    return {
      all: first - last,
      read: from.to - last,
      there: crossing.given - from.to,
      back: to.from - crossing.handed,
      upload: first - to.from,
      whole: crossing.done - crossing.asked,
    };
  });
  const of = (name: keyof (typeof steps)[0]) => median(steps.map((step) => step[name])).toFixed(1);
  report.result(
    `crossing of ${length} tokens (${((4 * length * hiddenSize) / 1e6).toFixed(1)} MB), median of ${steps.length} alone: ${of('all')} ms from the end on one card to the begin on the other (read ${of('read')}, to the lane ${of('there')}, to the other process ${of('back')}, upload and recording ${of('upload')}); a part takes ${of('whole')} ms through both`,
  );
}
