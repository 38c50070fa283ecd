import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's directory. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The output and exit code of a command. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a script of src/cli in its own process, as `npm run` does. */
export function command(name: string, ...args: string[]): Promise<Ended> {
  return run(process.execPath, ['--import', 'tsx', `src/cli/${name}.ts`, ...args]);
}

/** Runs a program in the repository and waits for its end. */
export function run(program: string, args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      ended.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      ended.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}
