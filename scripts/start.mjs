import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bin, ensureDemoModel, ensureInstalled, main, root, runNode } from './setup.mjs';

// npm start: installs and builds whatever is missing, then serves the app and prints its address.

const FIRST_PORT = 4173;

await main(async () => {
  await ensureInstalled();
  await ensureDemoModel();
  const vite = bin('vite');
  if (!isBuilt()) {
    process.stderr.write('Building the app…\n');
    const code = await runNode([vite, 'build', '--logLevel', 'warn']);
    if (code !== 0) throw new Error('The app could not be built.');
  }
  const port = await freePort(FIRST_PORT);
  const args = ['preview', '--port', String(port), '--strictPort', '--logLevel', 'warn'];
  const served = runNode([vite, ...args, ...process.argv.slice(2)]);
  const ended = new AbortController();
  void announce(`http://localhost:${port}/`, ended.signal);
  const code = await served;
  ended.abort();
  return code === 130 ? 0 : code; // ^C is how one stops it
});

/** True if dist is newer than all of its sources. */
function isBuilt() {
  const built = statSync(join(root, 'dist/index.html'), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'];
  return sources.every((path) => newest(join(root, path)) <= built);
}

/** The latest modification time in a tree, including folders, whose time changes when a file is removed. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function freePort(first) {
  for (let port = first; port < first + 100; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`None of the ports ${first} to ${first + 99} is free.`);
}

/** True if no server listens on either address family, since `localhost` may lead to both. */
async function isFree(port) {
  for (const host of ['127.0.0.1', '::1']) {
    const free = await new Promise((resolve) => {
      const server = createServer();
      // Machines without IPv6 refuse ::1 with another error, which does not mean that the port is in use.
      server.once('error', (error) => resolve(error.code !== 'EADDRINUSE'));
      server.listen(port, host, () => server.close(() => resolve(true)));
    });
    if (!free) return false;
  }
  return true;
}

/** Prints the address once it answers. */
async function announce(url, signal) {
  while (!signal.aborted) {
    try {
      await fetch(url);
      if (!signal.aborted) process.stdout.write(`Tiebreak is at ${url} (Ctrl+C stops it)\n`);
      return;
    } catch {
      await wait(100);
    }
  }
}
