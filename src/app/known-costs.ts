import * as v from 'valibot';
import type { Foreseen, ModelInfo } from '../run/api.ts';
import { type Cost, secondsOf } from '../run/cost-model.ts';
import type { SettingsStorage } from './settings-storage.ts';

const COSTS = 'tiebreak.costs';
/** Models and devices whose cost is kept. */
const MOST = 20;
/** What is done with a batch is counted for batches of so many tokens. */
const BATCH_TOKENS = 4096;

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const Schema = v.record(
  v.string(),
  v.object({ batches: seconds, tokens: v.pipe(seconds, v.minValue(1e-12)), squares: seconds }),
);

type Computed = Pick<ModelInfo, 'sha256' | 'engine' | 'lanes'>;

/** What work cost in the last run of a model where it computes now; null where that is not known. */
export function readCost(
  storage: SettingsStorage | null,
  model: Computed,
  adapters: number,
): Cost | null {
  return costs(storage)[keyOf(model, adapters)] ?? null;
}

/** Keeps what work cost for the next visit, where the browser allows it. */
export function writeCost(
  storage: SettingsStorage | null,
  model: Computed,
  adapters: number,
  cost: Cost,
): void {
  const key = keyOf(model, adapters);
  const { [key]: _, ...others } = costs(storage);
  const kept = Object.entries(others).slice(-MOST + 1);
  try {
    storage?.setItem(COSTS, JSON.stringify({ ...Object.fromEntries(kept), [key]: cost }));
  } catch {
    // Private windows and full disks refuse; the time before Start is then not known.
  }
}

/** Seconds that a file will take. */
export function secondsFor(cost: Cost, { tokens, squares }: Foreseen): number {
  return secondsOf(cost, { batches: tokens / BATCH_TOKENS, tokens, squares });
}

function costs(storage: SettingsStorage | null): Record<string, Cost> {
  try {
    const saved = v.safeParse(Schema, JSON.parse(storage?.getItem(COSTS) ?? '{}'));
    return saved.success ? saved.output : {};
  } catch {
    return {};
  }
}

/** The same model in the same way on the same devices. */
function keyOf({ sha256, engine, lanes }: Computed, adapters: number): string {
  const { executor, variant, precision } = engine;
  const devices = lanes.flatMap((lane) => lane.engine?.computesOn ?? []);
  return [sha256.slice(0, 16), ...devices, executor, variant, precision, adapters].join('|');
}
