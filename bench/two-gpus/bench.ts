import type { ModelLane } from '../../src/scoring/lanes/start-lanes.ts';
import type { BatchPlan } from '../../src/scoring/rows/batches.ts';
import { random } from '../../testing/synthetic.ts';
import { VOCABULARY } from '../generated-model.ts';
import type { Engines } from './engines.ts';
import type { Report } from './report.ts';
import type { Rows, Scored } from './rows.ts';

/** What every part of the bench works with. */
export interface Bench {
  report: Report;
  engines: Engines;
  /** The folder of the model's package, its width and the bytes that all its layers take on a card. */
  model: string;
  hiddenSize: number;
  layerBytes: number;
  small: boolean;
  rows: Rows;
  /** Fewer of the same, for runs in which something is lost. */
  few: Rows;
  batchTokens: number;
  /** Which parts are wanted. */
  parts: readonly string[];
}

/** Runs on one card, with which the others are compared; undefined where that part was left out. */
export interface Baseline {
  plan?: BatchPlan;
  rows?: Scored;
  few?: Scored;
}

/** Has a lane compile its kernels. */
export async function warm(lane: ModelLane, small: boolean): Promise<void> {
  const length = small ? 16 : 1024;
  for (let i = 0; i < 3; i += 1) await lane.logits(randomRows(4, length, i));
}

export function randomRows(count: number, length: number, seed: number): Int32Array[] {
  const next = random(seed);
  const row = () => Int32Array.from({ length }, () => 3 + next() * (VOCABULARY - 3));
  return Array.from({ length: count }, row);
}

/** Calls back once, when so large a share of the rows is done. */
export function atShare(share: number, then: () => void): (reached: number) => void {
  let done = false;
  return (reached) => {
    if (done || reached < share) return;
    done = true;
    then();
  };
}
