import { TiebreakError } from '../domain/errors.ts';
import type { ModelPackage } from '../model/package.ts';
import {
  headDifference,
  layerDifference,
  SELF_TEST_TOLERANCE,
  type SelfTest,
} from '../model/selftest.ts';
import { type Backend, guarded, placeOf } from './device/backend.ts';
import type { Executor } from './executor/executor.ts';
import { checkTokens } from './tokens.ts';

/**
 * Computes a self-test with an executor.
 * @returns the largest relative difference between the device's results and the expected ones.
 * @throws TiebreakError `engine/self-test` if it exceeds the tolerance of the precision.
 */
export async function passSelfTest(
  pkg: ModelPackage,
  backend: Backend,
  executor: Executor,
  test: SelfTest,
): Promise<number> {
  const worst = await guarded(backend, () => largestDifference(pkg, executor, test));
  const { precision, executor: name, variant } = executor;
  const allowed = SELF_TEST_TOLERANCE[precision];
  if (worst <= allowed) return worst;
  throw new TiebreakError('engine/self-test', {
    params: {
      place: placeOf(backend),
      executor: name,
      variant,
      precision,
      worst: Number.isFinite(worst) ? worst : null,
      allowed,
    },
  });
}

async function largestDifference(
  { config }: ModelPackage,
  executor: Executor,
  { tokens, layers, head }: SelfTest,
): Promise<number> {
  const row = Int32Array.from(tokens);
  checkTokens([row], config);
  let worst = 0;
  for (const expected of layers) {
    const { layer, adapter } = expected;
    const { input, output } = await executor.testLayer(row, layer, adapter);
    const values = row.length * config.hiddenSize;
    worst = Math.max(worst, layerDifference(expected, input, output, values));
  }
  if (head !== null) {
    worst = Math.max(worst, headDifference(head, await executor.testHead(row, head.adapter)));
  }
  return worst;
}
