/** A file of the built app, as the build lists them for the service worker. */
export interface ShellFile {
  /** Path relative to the app; empty for the page itself. */
  path: string;
  /** Value of an `integrity` attribute; the service worker stores no other bytes. */
  integrity: string;
  /** Decides when the file is stored; see {@link isWanted}. */
  group: 'app' | 'cpu' | 'jspi' | 'asyncify' | 'demo' | 'used';
}

/** Headers by path pattern, as in `public/_headers`; a path has those of every pattern that it matches. */
export type HeaderPatterns = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** All files of a build, the headers that a host should send with them, and a hash of both. */
export interface Shell {
  version: string;
  files: ShellFile[];
  headers: HeaderPatterns;
}

/** The message that tells a waiting new version to take over. */
export const TAKE_OVER = 'take-over';

/** The group of a file, by its path in the build. */
export function groupOf(path: string): ShellFile['group'] {
  if (/^assets\/ort/.test(path)) {
    if (/\.jspi[.-]/.test(path)) return 'jspi';
    return /\.(asyncify|webgpu)[.-]/.test(path) ? 'asyncify' : 'cpu';
  }
  if (!path.startsWith('models/')) return 'app';
  // Graphs of the whole model are for other programs; the page builds its own from the weights.
  return path.endsWith('.onnx') ? 'used' : 'demo';
}

/**
 * True if a file is stored at installation, before any page requests it. ONNX Runtime's files are large, and no browser
 * uses all of them: the one for the CPU is always useful; of the two for a GPU a browser with WebGPU uses one.
 */
export function isWanted(
  { group }: Pick<ShellFile, 'group'>,
  browser: { webgpu: boolean; jspi: boolean },
): boolean {
  switch (group) {
    case 'jspi':
      return browser.webgpu && browser.jspi;
    case 'asyncify':
      return browser.webgpu && !browser.jspi;
    case 'used':
      return false;
    default:
      return true;
  }
}

/**
 * Headers of a path, by name, with the values of all matching patterns. `/` is the app's folder; a query is ignored.
 */
export function headersOf(patterns: HeaderPatterns, url = '/'): Map<string, string[]> {
  const path = url.split('?')[0]!;
  const headers = new Map<string, string[]>();
  for (const [pattern, values] of Object.entries(patterns)) {
    const matches = pattern.endsWith('*')
      ? path.startsWith(pattern.slice(0, -1))
      : path === pattern;
    if (!matches) continue;
    for (const [name, value] of Object.entries(values)) {
      headers.set(name, [...(headers.get(name) ?? []), value]);
    }
  }
  return headers;
}

/**
 * Adds the `wanted` headers that a response lacks; its own take precedence. So the app has its policies of workers and
 * its threads also on hosts where headers cannot be set.
 */
export function withHeaders(answer: Response, wanted: Map<string, string[]>): Response {
  const missing = [...wanted].filter(([name]) => !answer.headers.has(name));
  if (missing.length === 0 || answer.type === 'opaque' || answer.type === 'error') return answer;
  const headers = new Headers(answer.headers);
  for (const [name, values] of missing) for (const value of values) headers.append(name, value);
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers });
}
