import * as v from 'valibot';
import type { Flops } from '../../engine/planning/flops.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import { type Cost, secondsOf } from '../../scoring/rows/cost-model.ts';
import type { Foreseen } from '../../scoring/worker/api.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';

const COSTS = 'tiebreak.costs';
/** Most pairs of model and devices whose cost is stored. */
const MOST = 20;
/** Tokens of a batch, assumed to predict the number of batches of a file. */
const BATCH_TOKENS = 4096;

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const operations = v.pipe(v.number(), v.finite(), v.minValue(1));
const Schema = v.record(
  v.string(),
  v.object({
    batches: seconds,
    tokens: v.pipe(seconds, v.minValue(1e-12)),
    squares: seconds,
    /** Operations of all adapters together; earlier versions of the page did not store it. */
    flops: v.optional(v.object({ token: operations, square: operations })),
  }),
);

type Computed = Pick<ModelInfo, 'sha256' | 'engine' | 'lanes'>;

/** Reads the cost of work in the last run of a model on its present devices; null if unknown. */
export function readCost(
  storage: PageStorage | null,
  model: Computed,
  adapters: number,
): Cost | null {
  return costs(storage)[keyOf(model, adapters)] ?? null;
}

/**
 * Reads the cost of work in the last run of any model on the devices of this one, with the operations of that model;
 * null if unknown. Among several models the largest counts, since it predicts other large ones best.
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

/** Stores the cost of work for the next visit if the browser allows it. */
export function writeCost(
  storage: PageStorage | null,
  model: Computed & Pick<ModelInfo, 'flops'>,
  adapters: number,
  cost: Cost,
): void {
  // Each adapter passes through the layers separately.
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
    // Private windows and full disks refuse; the page then shows no time before Start.
  }
}

/** Predicts the seconds that a file takes. */
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

/** The key of one model, in one configuration, on one set of devices. */
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
