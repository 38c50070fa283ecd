/** A file of the built app, as the build lists them for the service worker. */
export interface ShellFile {
  /** Path relative to the app; empty for the page itself. */
  path: string;
  /** As in the `integrity` attribute: no other bytes are ever stored. */
  integrity: string;
  /** When it is stored: see {@link isWanted}. */
  group: 'app' | 'cpu' | 'jspi' | 'asyncify' | 'demo' | 'used';
}

/** All files of a build, and a hash of them and of their headers. */
export interface Shell {
  version: string;
  files: ShellFile[];
}

/** What tells a new version that waits to take over from the old one. */
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
 * Is a file stored before it is asked for? ONNX Runtime's files are large, and no browser uses all: the one for the CPU is
 * always of use, of the two for a GPU only one, and only where there is WebGPU.
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
