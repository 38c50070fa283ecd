import { padLength } from '../../engine/planning/batches.ts';
import type { BatchBounds } from '../../engine/planning/bounds.ts';
import { sharedPrefixes } from '../../engine/planning/prefixes.ts';
import type { BatchRecord } from './batch-record.ts';
import { type Cost, CostModel, lowerMedian, secondsOf, type Work } from './cost-model.ts';

/** Length in tokens at which attention is assumed to cost as much as all other work, for an unknown model. */
const TYPICAL_BALANCE = 4096;
/** Cost of a batch besides its tokens (calls, reading back, the journal), expressed in tokens. */
const TOKENS_OF_A_CALL = 64;
/**
 * Share of the run so far, and least seconds of it, over which the latest batches are compared with the model.
 */
const RECENT_SHARE = 0.2;
const RECENT_SECONDS = 30;
const RECENT_BATCHES = 200;
/** Number of batches at which this comparison gets half of its full weight. */
const DOUBT = 6;

/** The work of a batch on a lane with these bounds. */
export function workOf(
  rows: readonly Int32Array[],
  bounds: Pick<BatchBounds, 'padMultiple' | 'sharesPrefixes'>,
): Work {
  if (!bounds.sharesPrefixes) {
    return paddedWork(
      rows.map((row) => row.length),
      bounds.padMultiple,
    );
  }
  const prefixes = sharedPrefixes(rows);
  const work = { batches: 1, tokens: 0, squares: 0 };
  for (const [r, row] of rows.entries()) {
    const own = row.length - prefixes[r]!.length;
    work.tokens += own;
    work.squares += own * row.length;
  }
  return work;
}

/** The work of a batch of rows of these lengths in tokens, each padded to the longest. */
export function paddedWork(lengths: ArrayLike<number>, padMultiple: number): Work {
  const longest = Array.from(lengths).reduce((a, b) => Math.max(a, b), 0);
  const length = padLength(longest, padMultiple);
  const tokens = lengths.length * length;
  return { batches: 1, tokens, squares: tokens * length };
}

/**
 * Cost in relative units, for a model of which nothing has been measured.
 * @param balance the length at which attention costs as much as all other work of a token.
 */
export function expectedCost(balance = TYPICAL_BALANCE): Cost {
  return { batches: TOKENS_OF_A_CALL, tokens: 1, squares: 1 / balance };
}

/**
 * Cost of work for all lanes together in earlier sessions of a run, from the seconds in its journal; null if it has too
 * few batches.
 */
export function previousCost(
  previous: readonly Pick<BatchRecord, 'seconds' | 'tokens'>[],
  bounds: Pick<BatchBounds, 'padMultiple' | 'balance'>,
): Cost | null {
  if (previous.length < 2) return null;
  const model = new CostModel(expectedCost(bounds.balance));
  for (const [i, { seconds, tokens }] of previous.entries()) {
    model.add(paddedWork(tokens, bounds.padMultiple), seconds - (previous[i - 1]?.seconds ?? 0));
  }
  return model.cost;
}

/** Predicts the seconds until a run ends, from the times of its batches on each lane. */
export class TimeLeft {
  private readonly lanes: Lane[];
  private readonly now: () => number;
  private readonly began: number;

  /**
   * @param lanes number of lanes.
   * @param now milliseconds during which lanes may work, that is, without pauses.
   * @param expected the expected cost for all lanes together.
   * @param measured true if that is in seconds; otherwise only its proportions matter.
   */
  constructor(lanes: number, now: () => number, expected: Cost, measured = false) {
    this.now = now;
    this.began = now();
    const { batches, tokens, squares } = expected;
    const ofOne = { batches: batches * lanes, tokens: tokens * lanes, squares: squares * lanes };
    this.lanes = Array.from({ length: lanes }, () => ({
      model: new CostModel(ofOne, measured),
      lastAt: this.began,
      recent: [],
      ended: false,
    }));
  }

  /** Records that lane `number`, counted from 1, has just finished a batch. */
  add(number: number, work: Work): void {
    const lane = this.lanes[number - 1]!;
    const at = this.now();
    const seconds = (at - lane.lastAt) / 1000;
    lane.lastAt = at;
    lane.model.add(work, seconds);
    lane.recent.push({ at, work, seconds });
    const since = at - Math.max(1000 * RECENT_SECONDS, RECENT_SHARE * (at - this.began));
    lane.recent = lane.recent.slice(-RECENT_BATCHES).filter((mark) => mark.at >= since);
  }

  /** Records that a lane is no longer used. */
  end(number: number): void {
    this.lanes[number - 1]!.ended = true;
  }

  /** Seconds until all lanes together have done the work that is left; null before anything is known. */
  seconds(left: Work): number | null {
    const known: number[] = [];
    let going = 0;
    for (const lane of this.lanes) {
      if (lane.ended) continue;
      going += 1;
      const { cost } = lane.model;
      if (cost !== null) known.push(secondsOf(cost, left) * drift(lane, cost));
    }
    if (known.length === 0) return null;
    // A lane without a finished batch is assumed to be as fast as the others on average.
    const rate = known.reduce((sum, seconds) => sum + 1 / Math.max(seconds, 1e-9), 0);
    return known.length / going / rate;
  }

  /** Cost of work for all lanes together, in seconds; null before anything is known. */
  cost(): Cost | null {
    const costs = this.lanes.flatMap(({ ended, model }) => (ended ? [] : (model.cost ?? [])));
    if (costs.length === 0) return null;
    const mean = (key: keyof Cost) =>
      costs.reduce((sum, cost) => sum + cost[key], 0) / costs.length ** 2;
    return { batches: mean('batches'), tokens: mean('tokens'), squares: mean('squares') };
  }
}

interface Lane {
  model: CostModel;
  lastAt: number;
  recent: { at: number; work: Work; seconds: number }[];
  ended: boolean;
}

/** Factor, from 0.5 to 2, by which the latest batches were slower than predicted: a hot device, other programs. */
function drift({ recent }: Lane, cost: Cost): number {
  const ratios = recent.map(({ work, seconds }) => seconds / secondsOf(cost, work));
  if (ratios.length === 0) return 1;
  const trust = ratios.length / (ratios.length + DOUBT);
  return Math.min(2, Math.max(0.5, lowerMedian(ratios))) ** trust;
}
