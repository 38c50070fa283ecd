/** A file of the built app, as the build lists them for the service worker. */
export interface ShellFile {
  /** Path relative to the app; empty for the page itself. */
  path: string;
  /** As in the `integrity` attribute: no other bytes are ever stored. */
  integrity: string;
  /** When it is stored: see {@link isWanted}. */
  group: 'app' | 'cpu' | 'jspi' | 'asyncify' | 'demo' | 'used';
}

/** Headers by path; a path has those of every pattern that it matches. */
export type HeaderPatterns = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** All files of a build, what hosts send with them, and a hash of both. */
export interface Shell {
  version: string;
  files: ShellFile[];
  headers: HeaderPatterns;
}

/** The message by which a waiting new version is told to take over. */
export const TAKE_OVER = 'take-over';

/** The group of a file of the build. */
export function groupOf(path: string): ShellFile['group'] {
  if (/^assets\/ort/.test(path)) {
    if (/\.jspi[.-]/.test(path)) return 'jspi';
    return /\.(asyncify|webgpu)[.-]/.test(path) ? 'asyncify' : 'cpu';
  }
  if (!path.startsWith('models/')) return 'app';
  // The whole graphs are for other programs: the page builds its own from the weights.
  return path.endsWith('.onnx') ? 'used' : 'demo';
}

/**
 * True where a file is stored before it is asked for. ONNX Runtime's files are large, and no browser uses all: the one
 * for the CPU is always of use, of the two for a GPU only one, and only where there is WebGPU.
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

/** The headers of a path, which begins with `/` at the app's folder. */
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
 * An answer with all of these headers: one of its own goes before. Hosts on which no headers can be set get from it the
 * policies of workers and, with them, threads.
 */
export function withHeaders(answer: Response, wanted: Map<string, string[]>): Response {
  const missing = [...wanted].filter(([name]) => !answer.headers.has(name));
  if (missing.length === 0 || answer.type === 'opaque' || answer.type === 'error') return answer;
  const headers = new Headers(answer.headers);
  for (const [name, values] of missing) for (const value of values) headers.append(name, value);
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers });
}
