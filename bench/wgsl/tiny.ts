import { buildCase, largestDifference, referenceCases } from '../../testing/reference-cases.ts';
import {
  attempt,
  inFolder,
  loadParts,
  onDevice,
  openModel,
  print,
  results,
  variants,
} from './context.ts';

/** Checks the reference models' logits in every variant. */
export async function benchTiny(): Promise<void> {
  const table: Record<string, unknown>[] = [];
  results.tiny = table;
  for (const test of referenceCases()) {
    await inFolder(async (directory) => {
      await buildCase(test, directory);
      for (const variant of variants) {
        await attempt('tiny', `${test.name}, ${variant}`, () =>
          onDevice(async (gpu) => {
            const parts = await loadParts(directory, gpu, [null, 'adapter']);
            const model = await openModel(gpu, parts, variant);
            const rows = test.tokens.map((row) => Int32Array.from(row));
            const logits = [...(await model.forward(rows, parts.adapters))];
            const lines = Array.from({ length: logits.length / 3 }, (_, r) =>
              logits.slice(3 * r, 3 * r + 3),
            );
            const none = largestDifference(lines.slice(0, rows.length), test.expected.none);
            const adapter = largestDifference(lines.slice(rows.length), test.expected.adapter);
            table.push({ name: test.name, variant, none, adapter });
            print(
              `${test.name}, ${variant}: base ${none.toExponential(1)}, adapter ${adapter.toExponential(1)}`,
            );
          }),
        );
      }
    });
  }
}
