/**
 * Benches our kernels on a real GPU, in Node through Dawn. Bundled and run as CONTRIBUTING.md describes, with
 * `test/fixtures` copied beside the bundle's folder, and a process for each section, so that one that crashes does not
 * end the others.
 *
 * `node wgsl.mjs --sections SECTIONS [--variants …] [--formats nf4,gptq8-128] [--models Gemma-2-9B,…] [--layers 42]
 * [--shape 9b|small] [--no-ort] [--rows FILE]`
 *
 * - `kernels`: products (with weights in each of `--formats`) and attention by themselves, in every possible tile; all
 *   must give the same bits.
 * - `layer`: one layer of Gemma-2-9B's shape, in every variant and in ONNX Runtime.
 * - `exact`: four layers against our float32, with ordinary and with massive activations.
 * - `tiny`: the reference models' logits.
 * - `families`: models of other families, sizes and formats (`--models`: some of them), beside the first: rate of the
 *   products, bytes beside the plan.
 * - `model`: the whole model, in every variant and in ONNX Runtime; with `--rows` (see bench/make-wgsl-rows.ts) real
 *   rows too.
 *
 * Prints results at once and writes `$OUT/wgsl-SECTIONS.json`. A failure is printed and left out.
 */
import { aboutMachine, inSection, options, type Section, UNTIL } from './context.ts';
import { benchExactness } from './exact.ts';
import { benchFamilies } from './families.ts';
import { benchKernels } from './kernels.ts';
import { benchLayer } from './layer.ts';
import { benchModel } from './model.ts';
import { benchTiny } from './tiny.ts';

const WORK: Record<Section, () => Promise<void>> = {
  kernels: benchKernels,
  layer: benchLayer,
  exact: benchExactness,
  tiny: benchTiny,
  families: benchFamilies,
  model: benchModel,
};

const sections = options.sections.split(',');
const unknown = sections.filter((section) => !Object.hasOwn(WORK, section));
if (unknown.length > 0) {
  process.stderr.write(`--sections: no ${unknown.join()}; there are ${Object.keys(WORK).join()}\n`);
  process.exit(2);
}
await aboutMachine();
for (const section of Object.keys(UNTIL) as Section[]) {
  if (sections.includes(section)) await inSection(section, WORK[section]);
}
process.exit(0);
