import * as v from 'valibot';
import type { Flops } from '../../engine/planning/flops.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import { type Cost, secondsOf } from '../../scoring/rows/cost-model.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';

const COSTS = 'tiebreak.costs';
/** Models and devices whose cost is kept. */
const MOST = 20;
/** What is done with a batch is counted for batches of so many tokens. */
const BATCH_TOKENS = 4096;

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const operations = v.pipe(v.number(), v.finite(), v.minValue(1));
const Schema = v.record(
  v.string(),
  v.object({
    batches: seconds,
    tokens: v.pipe(seconds, v.minValue(1e-12)),
    squares: seconds,
    /** Of all adapters together; earlier versions of the page did not keep it. */
    flops: v.optional(v.object({ token: operations, square: operations })),
  }),
);

type Computed = Pick<ModelInfo, 'sha256' | 'engine' | 'lanes'>;

/** What work cost in the last run of a model where it computes now; null where that is not known. */
export function readCost(
  storage: PageStorage | null,
  model: Computed,
  adapters: number,
): Cost | null {
  return costs(storage)[keyOf(model, adapters)] ?? null;
}

/**
 * What work cost in the last run of any model where this one computes now, with what that model computes; null where
 * that is not known. Of several the largest model: it tells most about other large ones.
 */
export function readCostOfLargest(
  storage: PageStorage | null,
  model: Pick<Computed, 'lanes'>,
): { cost: Cost; flops: Flops } | null {
  const here = devicesOf(model).join('|');
  const known = Object.entries(costs(storage)).flatMap(([key, { flops, ...cost }]) => {
    const isHere = key.split('|').slice(1, -4).join('|') === here;
    return isHere && flops !== undefined ? [{ cost, flops }] : [];
  });
  return known.sort((a, b) => b.flops.token - a.flops.token)[0] ?? null;
}

/** Keeps what work cost for the next visit, where the browser allows it. */
export function writeCost(
  storage: PageStorage | null,
  model: Computed & Pick<ModelInfo, 'flops'>,
  adapters: number,
  cost: Cost,
): void {
  // Each adapter goes through the layers by itself.
  const { token, square } = model.flops;
  const flops = { token: adapters * token, square: adapters * square };
  const key = keyOf(model, adapters);
  const { [key]: _, ...others } = costs(storage);
  const kept = Object.entries(others).slice(-MOST + 1);
  try {
    storage?.setItem(
      COSTS,
      JSON.stringify({ ...Object.fromEntries(kept), [key]: { ...cost, flops } }),
    );
  } catch {
    // Private windows and full disks refuse; the time before Start is then not known.
  }
}

/** Seconds that a file will take. */
export function secondsFor(cost: Cost, { tokens, squares }: Foreseen): number {
  return secondsOf(cost, { batches: tokens / BATCH_TOKENS, tokens, squares });
}

function costs(storage: PageStorage | null): v.InferOutput<typeof Schema> {
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
  return [
    sha256.slice(0, 16),
    ...devicesOf({ lanes }),
    executor,
    variant,
    precision,
    adapters,
  ].join('|');
}

function devicesOf({ lanes }: Pick<Computed, 'lanes'>): string[] {
  return lanes.flatMap((lane) => lane.engine?.computesOn ?? []);
}
