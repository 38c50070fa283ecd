import { asTiebreakError } from '../../src/domain/errors.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { ExecutorKind } from '../../src/engine/executor/variants.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { rowsOf } from '../token-rows.ts';
import { openTestGpu } from './gpu.ts';

// Runs in its own process: `score.ts PACKAGE wgsl|ort TOKENS` prints the executor and the logits of token rows as JSON,
// or the code and the message of the error.

const [directory, executor, tokens] = process.argv.slice(2) as [string, ExecutorKind, string];
const print = (found: unknown) => process.stdout.write(JSON.stringify(found));
try {
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const backend = executor === 'wgsl' ? (await openTestGpu())! : await openNodeBackend('wasm');
  const engine = await Engine.load(pkg, backend, { executor, precision: 'float32' });
  await engine.setAdapter(null);
  const rows = (JSON.parse(tokens) as number[][]).map((row) => Int32Array.from(row));
  print({ executor: engine.info.executor, logits: rowsOf(await engine.logits(rows)) });
} catch (thrown) {
  const { code, message } = asTiebreakError(thrown);
  print({ code, message });
}
// Dawn keeps the process alive.
process.exit(0);
