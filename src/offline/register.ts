import { TAKE_OVER } from './shell.ts';

/** Name of the lock that every open page holds, so that pages can be counted; it tells copies on one origin apart. */
const pageLock = () => `tiebreak-page ${new URL('./', document.baseURI).pathname}`;

/** Milliseconds to wait for a new version to take over. */
const PATIENCE_MS = 3000;

/** False during development, when files change all the time. */
const isPossible = import.meta.env.PROD && 'serviceWorker' in (globalThis.navigator ?? {});

/** True if the next load will get from the service worker the headers that this host may not send. */
export function becomesIsolated(): boolean {
  return isPossible && navigator.serviceWorker.controller === null;
}

/**
 * Registers the service worker, so that the built page works without its server from the next visit on. A failure is
 * ignored: where browser or host refuse, only that ability is missing.
 */
export function registerOffline(): void {
  if (!isPossible) return;
  const script = new URL('sw.js', document.baseURI);
  void navigator.serviceWorker.register(script, { updateViaCache: 'none' }).catch(() => undefined);
}

/**
 * Activates a version that was installed since the last load, and then reloads the page. Must be called before anything
 * else: a page that has begun keeps its version, because it will ask for that version's files. For the same reason
 * nothing happens while another page is open.
 * @returns true if the page is about to reload
 */
export async function takeNewVersion(): Promise<boolean> {
  if (!isPossible) return false;
  try {
    holdPageLock();
    if (navigator.serviceWorker.controller === null) return false;
    const waiting = (await navigator.serviceWorker.getRegistration())?.waiting;
    if (!waiting || (await isAnotherOpen())) return false;
    const taken = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), PATIENCE_MS);
      navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true));
    });
    waiting.postMessage(TAKE_OVER);
    if (!(await taken)) return false;
    location.reload();
    return true;
  } catch {
    // The old version stays in use.
    return false;
  }
}

function holdPageLock(): void {
  void navigator.locks.request(pageLock(), { mode: 'shared' }, () => new Promise(() => undefined));
}

async function isAnotherOpen(): Promise<boolean> {
  const { held = [], pending = [] } = await navigator.locks.query();
  const lock = pageLock();
  return [...held, ...pending].filter(({ name }) => name === lock).length > 1;
}
