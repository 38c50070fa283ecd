import { expect, test } from 'vitest';
import { engineDifferences } from '../../../src/scoring/journal/differences.ts';
import type { EngineRecord } from '../../../src/scoring/journal/records.ts';
import { differencesText } from '../../../src/texts/en/errors/run.ts';
import { ENGINE } from '../../../testing/fake-api.ts';

const plan = { maxTokens: 4096, padMultiple: 1, maxScoreBytes: 1, scoreBytesOfOne: 0 };

test('another executor, or another variant of our kernels, is said', () => {
  const record = (engine: Partial<EngineRecord['engine']>) => ({
    engine: { ...ENGINE, ...engine },
    plan,
  });
  const ort = record({});
  const own = record({ executor: 'wgsl', variant: 'float16' });
  expect(differencesText(engineDifferences(ort, own))).toBe(
    'executor was ONNX Runtime and is own kernels (float16)',
  );
  expect(engineDifferences(own, record({ executor: 'wgsl', variant: 'subgroup-matrix' }))).toEqual([
    {
      what: 'executor',
      was: { executor: 'wgsl', variant: 'float16' },
      is: { executor: 'wgsl', variant: 'subgroup-matrix' },
    },
  ]);
  expect(engineDifferences(own, own)).toEqual([]);
});

test('int8 after float16 is another precision, too', () => {
  const of = (variant: 'float16' | 'int8') => ({
    engine: { ...ENGINE, executor: 'wgsl' as const, variant, precision: variant },
    plan,
  });
  expect(differencesText(engineDifferences(of('float16'), of('int8')))).toBe(
    'executor was own kernels (float16) and is own kernels (int8); precision was float16 and is int8',
  );
});
