import type { ModelLane } from '../../src/scoring/lanes/start-lanes.ts';
import type { BatchPlan } from '../../src/scoring/rows/batches.ts';
import { random } from '../../testing/synthetic.ts';
import { VOCABULARY } from '../generated-model.ts';
import type { Engines } from './engines.ts';
import type { Report } from './report.ts';
import type { Rows, Scored } from './rows.ts';

/** Shared by every part of the bench. */
export interface Bench {
  report: Report;
  engines: Engines;
  /** The folder of the model's package, its width and the bytes that all its layers take on a card. */
  model: string;
  hiddenSize: number;
  layerBytes: number;
  small: boolean;
  rows: Rows;
  /** Fewer of the same rows, for runs in which a card is lost. */
  few: Rows;
  batchTokens: number;
  /** Names of the parts to run. */
  parts: readonly string[];
}

/** Runs on one card, to compare the others with; undefined if that part was skipped. */
export interface Baseline {
  plan?: BatchPlan;
  rows?: Scored;
  few?: Scored;
}

/** Makes a lane compile its kernels. */
export async function warm(lane: ModelLane, small: boolean): Promise<void> {
  const length = small ? 16 : 1024;
  for (let i = 0; i < 3; i += 1) await lane.logits(randomRows(4, length, i));
}

export function randomRows(count: number, length: number, seed: number): Int32Array[] {
  const next = random(seed);
  const row = () => Int32Array.from({ length }, () => 3 + next() * (VOCABULARY - 3));
  return Array.from({ length: count }, row);
}

/** Calls `then` once, when this share of the rows is done. */
export function atShare(share: number, then: () => void): (reached: number) => void {
  let done = false;
  return (reached) => {
    if (done || reached < share) return;
    done = true;
    then();
  };
}
