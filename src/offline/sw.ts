import { rangeAnswer } from './range-answer.ts';
import {
  headersOf,
  isWanted,
  type Shell,
  type ShellFile,
  TAKE_OVER,
  withHeaders,
} from './shell.ts';

// The service worker stores the files of the app at installation and answers requests with them, so that the page opens
// without its server. It never requests, stores or answers anything of another origin. scripts/service-worker.ts
// builds it.

/** The files of this build; scripts/service-worker.ts inserts them. */
declare const SHELL: Shell;
const shell = SHELL;

// TypeScript's library for pages lacks the types of service workers.
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  readonly location: { readonly href: string };
  readonly navigator: { gpu?: unknown };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
const worker = self as unknown as WorkerScope;

const SCOPE = new URL('./', worker.location.href);
// Several copies of the app may lie on one origin.
const PREFIX = `tiebreak ${SCOPE.pathname} `;
const CACHE = PREFIX + shell.version;
const FILES = new Map(shell.files.map((file) => [new URL(file.path, SCOPE).href, file]));

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOthers()));
worker.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== SCOPE.origin) return;
  if (request.mode === 'navigate') {
    if (url.pathname.startsWith(SCOPE.pathname)) event.respondWith(page(url, request));
    return;
  }
  const file = FILES.get(url.href);
  if (file !== undefined) event.respondWith(answer(event, file).then(addHeaders(`/${file.path}`)));
});

async function install(): Promise<void> {
  const browser = { webgpu: 'gpu' in worker.navigator, jspi: 'Suspending' in WebAssembly };
  const wanted = shell.files.filter((file) => isWanted(file, browser));
  const isDemo = ({ group }: ShellFile) => group === 'demo';
  await Promise.all(wanted.filter((file) => !isDemo(file)).map(store));
  // Without room for the demo model the app still opens, and scores with models of the user's own.
  await Promise.allSettled(wanted.filter(isDemo).map(store));
}

/** Stores a file unless it is stored already. Its integrity keeps files of different versions apart. */
async function store({ path, integrity }: ShellFile): Promise<void> {
  const url = new URL(path, SCOPE).href;
  const cache = await caches.open(CACHE);
  if ((await cache.match(url)) !== undefined) return;
  const response = await fetch(url, { integrity, cache: 'no-cache' });
  // Browsers refuse a redirected response as the answer to a navigation.
  if (response.status !== 200 || response.redirected) throw new Error(`${url}: ${response.status}`);
  await cache.put(url, response);
}

async function removeOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function answer(event: FetchEvent, file: ShellFile): Promise<Response> {
  const { request } = event;
  const range = request.headers.get('Range');
  const cached = await stored(request.url);
  if (cached !== undefined) return range === null ? cached : rangeAnswer(range, cached);
  const response = await fetch(request);
  // Stores the file for the next time, by a request of its own: this response may be a range, which caches refuse.
  event.waitUntil(store(file).catch(() => undefined));
  return response;
}

/** Answers a navigation. */
async function page(url: URL, request: Request): Promise<Response> {
  const isApp = [SCOPE.pathname, `${SCOPE.pathname}index.html`].includes(url.pathname);
  // The navigation goes to something else on this host. Offline it leads to the app, the only page there is.
  if (!isApp) return fetch(request).catch(() => Response.redirect(SCOPE.href));
  return addHeaders('/')((await stored(SCOPE.href)) ?? (await fetch(request)));
}

/** Adds the headers that this host does not send. A redirect passes unchanged. */
function addHeaders(path: string): (answer: Response) => Response {
  return (answer) =>
    answer.type === 'opaqueredirect' ? answer : withHeaders(answer, headersOf(shell.headers, path));
}

async function stored(url: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(url);
}
