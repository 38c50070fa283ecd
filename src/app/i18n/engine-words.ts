import { strings } from './strings.ts';

const words = strings.model;

// What a run was computed with is compared and kept as text, so it is English everywhere below the page. These are all its
// words: of `describeBackend`, of a split lane, and of `adaptersLabel`.
const THREADS = / \((WebAssembly), (\d+) threads?\)/g;
const PART = /layers (\d+) to (\d+) on (.+?), ([^ ]+)(?: and |$)/g;
const MEAN = /^mean of (.+)$/;

/** What an engine computes on, in the page's language: `CPU (WebAssembly, 4 threads)`. */
export function placeText(computesOn: string): string {
  const parts = [...computesOn.matchAll(PART)].map(([, from, to, place, variant]) =>
    words.partOfLayers(Number(from), Number(to), place!, variant!),
  );
  if (parts.length > 0) return parts.join(words.and);
  return computesOn.replace(THREADS, (_, runtime: string, threads: string) =>
    words.threads(runtime, Number(threads)),
  );
}

/** The adapter of a run in the page's language, or the mean of several. */
export function adapterText(adapter: string): string {
  const mean = MEAN.exec(adapter);
  return mean === null ? adapter : words.meanOf(mean[1]!.replaceAll('the base model', words.base));
}
