import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDemoModel, ensureInstalled, main, root, runNode, tsxArguments } from './setup.mjs';

// node scripts/run.mjs COMMAND [args]: runs src/cli/COMMAND.ts, after installing and building what it needs. Only the
// command writes to standard output.

await main(async () => {
  const [command = '', ...args] = process.argv.slice(2);
  const script = join(root, 'src/cli', `${command}.ts`);
  if (!/^[a-z-]+$/.test(command) || !existsSync(script)) {
    process.stderr.write(
      `usage: node scripts/run.mjs COMMAND [args], not ${command || 'nothing'}\n`,
    );
    return 2;
  }
  await ensureInstalled();
  // Without --model these use the demo model; the others need their arguments.
  const mayTakeDemo = ['score', 'evaluate'].includes(command);
  if (mayTakeDemo && !isGiven(args, 'model')) await ensureDemoModel();
  const computes = ['score', 'evaluate', 'logits'].includes(command);
  const flags = computes && mayUseGpu(args) ? ['--liftoff-only'] : [];
  return runNode([...flags, ...tsxArguments(), script, ...args], { cwd: callerDirectory() });
});

/** npm runs scripts in the repository, but paths are relative to the directory where the user called it. */
function callerDirectory() {
  const from = process.env.INIT_CWD;
  if (process.cwd() !== root || from === undefined) return process.cwd();
  return statSync(from, { throwIfNoEntry: false })?.isDirectory() ? from : root;
}

/**
 * Guesses if the command will compute on a GPU. Then V8's optimising compiler for WebAssembly must stay off: it spends
 * 30 to 40 s on ONNX Runtime's WebGPU build (Asyncify makes its functions huge), the baseline compiler 1 to 4 s, and
 * the GPU does all the arithmetic. On the CPU backend the optimiser provides the speed, so there it stays on. Node
 * takes the flag only at its start, before the command has looked for a GPU. A wrong guess costs time, never a result.
 */
function mayUseGpu(args) {
  const device = optionValue(args, 'device');
  if (device !== undefined) return device === 'webgpu';
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  if (existsSync('/dev/nvidia0')) return true;
  const cards = '/dev/dri';
  return existsSync(cards) && readdirSync(cards).some((name) => name.startsWith('renderD'));
}

function isGiven(args, name) {
  return args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
}

function optionValue(args, name) {
  const at = args.findLastIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return args[at] === `--${name}` ? args[at + 1] : args[at].slice(name.length + 3);
}
