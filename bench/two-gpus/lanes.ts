import { planOf } from '../../src/scoring/lanes/lane.ts';
import type { ModelLane } from '../../src/scoring/lanes/start-lanes.ts';
import type { BatchPlan } from '../../src/scoring/rows/batches.ts';
import { executorText } from '../../src/texts/en/errors/engine.ts';
import { gigabytes } from '../figures.ts';
import { atShare, type Baseline, type Bench, warm } from './bench.ts';
import { memoryUsed } from './cards.ts';
import { grown, rate, saveTraces } from './report.ts';
import { differences, type Scored, scoreRows } from './rows.ts';

/** Benches the whole model on each card: one card, two lanes, and two lanes of which one is lost. Fills in `base`. */
export async function benchLanes(bench: Bench, base: Baseline): Promise<void> {
  const { report, engines, model, small, parts, few } = bench;
  const before = memoryUsed();
  const from = report.seconds;
  const { lanes, infos } = await engines.start(model, { lanes: 'all' });
  for (const { name, engine, error } of infos) {
    report.print(`lane ${name}: ${engine === null ? error?.message : executorText(engine)}`);
  }
  const [first, second] = lanes;
  if (first === undefined || second === undefined) throw new Error('there are not two lanes');
  const plan = planOf(lanes, bench.batchTokens);
  base.plan = plan;
  report.result(
    `two lanes loaded in ${(report.seconds - from).toFixed(1)} s, weights ${gigabytes(first.info.weightBytes)} on each; memory in use grew by ${grown(before)}; plan ${JSON.stringify(plan)}`,
  );
  await Promise.all(lanes.map((lane) => warm(lane, small)));
  if (parts.includes('lanes')) base.rows = await compare(bench, plan, first, second);
  const alone = await scoreRows(few, [first], plan);
  base.few = alone;
  report.run('few rows, card 0 alone', alone);
  if (parts.includes('lost')) await lose(bench, plan, lanes, alone);
  for (const lane of lanes) lane.close();
}

/** Compares one card with two. @returns the run on one. */
async function compare(
  { report, engines, rows, few }: Bench,
  plan: BatchPlan,
  first: ModelLane,
  second: ModelLane,
): Promise<Scored> {
  await engines.reset();
  const one = await scoreRows(rows, [first], plan);
  report.run('one card', one);
  report.idle('one card', one, await engines.traces(), [0]);
  await engines.reset();
  const two = await scoreRows(rows, [first, second], plan);
  report.run('two lanes', two);
  const [a, b] = two.lanes as [Scored['lanes'][0], Scored['lanes'][0]];
  report.result(
    `two lanes: ${(rate(two) / rate(one)).toFixed(3)} times one card (goal 1.95); lanes end ${Math.abs(a.last - b.last).toFixed(0)} ms apart, after ${a.batches} and ${b.batches} batches; ${differences(one, two)}`,
  );
  const traces = await engines.traces();
  report.idle('two lanes', two, traces, [0, 1]);
  saveTraces('trace-lanes.json', traces);
  report.run('few rows, card 1 alone', await scoreRows(few, [second], plan));
  return one;
}

/** Loses the second card in the middle of a run, in three ways. */
async function lose(
  { report, engines, few }: Bench,
  plan: BatchPlan,
  lanes: readonly ModelLane[],
  alone: Scored,
): Promise<void> {
  report.run('few rows, two lanes', await scoreRows(few, lanes, plan));
  const whileLosing = async (
    name: string,
    losing: () => void,
    recovery?: Parameters<typeof scoreRows>[3],
  ) =>
    report.part(name, async () => {
      const onShare = atShare(0.4, losing);
      report.lost(name, await scoreRows(few, lanes, plan, { ...recovery, onShare }), alone);
    });
  await whileLosing('device.destroy() on card 1 at 40 %', () => void engines.ask(1, 'destroy'));
  await whileLosing('process of card 1 killed at 40 %, started again', () => engines.kill(1));
  const gone = () => {
    engines.gone.add(1);
    engines.kill(1);
  };
  const atOnce = { recovery: { rebuildWaits: [0] } };
  await whileLosing('card 1 gone for good at 40 %', gone, atOnce);
  engines.gone.clear();
}
