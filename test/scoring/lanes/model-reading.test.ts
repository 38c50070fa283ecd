import { expect, test } from 'vitest';
import type { ModelPackage } from '../../../src/model/package.ts';
import { modelReading } from '../../../src/scoring/lanes/model-reading.ts';
import { refusal } from '../../../testing/checkpoints.ts';

/** A package whose adapters have score heads of these numbers of labels; its base has one of three. */
function packageOf(labels: Record<string, number>, template = 'chat'): ModelPackage {
  return {
    manifest: { name: 'model', template },
    labels: async (adapter: string | null) => (adapter === null ? 3 : labels[adapter]),
  } as unknown as ModelPackage;
}

test('the labels of the heads decide, whichever adapters are used', async () => {
  const pkg = packageOf({ one: 1, other: 1, two: 2 });
  expect(await modelReading(pkg, ['one', 'other'])).toBe('reward');
  expect(await modelReading(pkg, ['two'])).toBe('pair-no-tie');
  expect(await modelReading(pkg, [null])).toBe('pair');
});

test('heads of different labels are not used together', async () => {
  const error = await refusal(modelReading(packageOf({ one: 1, two: 2 }), ['one', 'two']));
  expect(error).toMatchObject({ id: 'model/labels:mixed', code: 'model/labels' });
  expect(error.message).toContain('1 and 2 labels');
});

test('rewards need a chat template: the notebook’s text holds both answers', async () => {
  const pkg = packageOf({ one: 1, two: 2 }, 'lmsys-notebook');
  expect((await refusal(modelReading(pkg, ['one']))).id).toBe('model/labels');
  expect(await modelReading(pkg, ['two'])).toBe('pair-no-tie');
});
