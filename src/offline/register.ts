import { TAKE_OVER } from './shell.ts';

/** Every open page of the app holds this lock, so that pages can be counted. Several copies may lie on one origin. */
const pageLock = () => `tiebreak-page ${new URL('./', document.baseURI).pathname}`;

/** Milliseconds that a new version may take to replace the old one. */
const PATIENCE_MS = 3000;

/** Not while developing, where files change all the time. */
const isPossible = import.meta.env.PROD && 'serviceWorker' in (globalThis.navigator ?? {});

/** Whether the service worker will give the next load the headers that this host does not send. */
export function becomesIsolated(): boolean {
  return isPossible && navigator.serviceWorker.controller === null;
}

/**
 * Lets the built page work without its server from the next visit on. Nothing depends on it: a browser or a host that
 * does not let it do loses only that.
 */
export function registerOffline(): void {
  if (!isPossible) return;
  const script = new URL('sw.js', document.baseURI);
  void navigator.serviceWorker.register(script, { updateViaCache: 'none' }).catch(() => undefined);
}

/**
 * Lets a version take over that came since the last load, and loads the page again then. To be called before anything
 * else: a page that has begun keeps its version, as it will ask for its files. So do all while another page is open.
 * @returns whether the page is about to be loaded again
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
    // The old version goes on.
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
