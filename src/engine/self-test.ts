import { TiebreakError } from '../domain/errors.ts';
import { placeId } from '../domain/place.ts';
import type { ModelPackage } from '../model/package.ts';
import {
  headDifference,
  layerDifference,
  SELF_TEST_TOLERANCE,
  type SelfTest,
} from '../model/selftest.ts';
import { type Backend, guarded, placeOf } from './device/backend.ts';
import { type Executor, executorText } from './executor/executor.ts';
import type { EnginePrecision } from './executor/variants.ts';
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
  const { precision } = executor;
  if (worst <= SELF_TEST_TOLERANCE[precision]) return worst;
  throw selfTestError(
    `${placeId(placeOf(backend))} with ${executorText(executor)}`,
    precision,
    worst,
  );
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

function selfTestError(device: string, precision: EnginePrecision, worst: number): TiebreakError {
  const off = Number.isFinite(worst)
    ? `by ${(100 * worst).toPrecision(2)} %, where ${100 * SELF_TEST_TOLERANCE[precision]} % are allowed`
    : 'with values that are not numbers';
  return new TiebreakError('engine/self-test', { params: { device, precision, off } });
}
