import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Functions for the other scripts. Plain Node without dependencies, since it runs before anything is installed.

/** The repository's directory. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** True once this process was told to stop; the program that it ran may then have any exit code. */
export let interrupted = false;

/**
 * Runs a program to its end, passing signals on.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code; 128 and more when a signal ended it
 */
export function runProgram(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    // A terminal sends ^C to the child itself; a signal to this process alone must be passed on. In both cases the
    // child decides how to end, and its exit code is returned.
    const pass = (signal) => {
      interrupted = true;
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on('SIGINT', pass).on('SIGTERM', pass);
    const done = () => process.off('SIGINT', pass).off('SIGTERM', pass);
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code, signal) => {
      done();
      resolve(code ?? { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }[signal] ?? 128);
    });
  });
}

/** Runs a script with the same Node. */
export function runNode(args, options) {
  return runProgram(process.execPath, args, options);
}

/** Path of an installed package's command, to run with Node; `npx` would take a second more. */
export function bin(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** Arguments that let Node run TypeScript from any working directory. */
export function tsxArguments() {
  const require = createRequire(join(root, 'package.json'));
  return ['--import', pathToFileURL(require.resolve('tsx')).href];
}

// Output of scripts, other than the result of a command, goes to stderr.
const TO_STDERR = ['inherit', process.stderr, process.stderr];

/** Installs the npm packages unless those of package-lock.json are installed. Throws if that fails. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write('Installing npm packages…\n');
  // .npmrc keeps npm quiet, but a failed installation must show its reason.
  const args = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith('.js')
    ? await runNode([npm, ...args], { stdio: TO_STDERR })
    : await runProgram('npm', args, { stdio: TO_STDERR, shell: process.platform === 'win32' });
  if (code !== 0) {
    throw new Error('npm ci failed. Tiebreak needs the npm registry to install its packages.');
  }
}

/**
 * Compares contents, not times, since a checkout or a copy changes times. npm writes its own lock file into
 * node_modules at the end, so an interrupted installation does not count.
 */
function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  const have = packages(installed);
  return Object.entries(packages(join(root, 'package-lock.json'))).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = have[path];
    // Packages for other platforms are optional, and npm leaves them out.
    if (found === undefined) return entry.optional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Builds public/models/demo unless it is up to date. Throws if that fails. */
export async function ensureDemoModel() {
  const script = join(root, 'scripts/demo-model.ts');
  const code = await runNode([...tsxArguments(), script], { stdio: TO_STDERR });
  if (code !== 0) throw new Error('The demo model could not be built.');
}

/** Runs a script's body. An error becomes one line and exit code 1. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
