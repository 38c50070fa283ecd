import type { Manifest } from '../model/manifest.ts';

/** A notice of a manifest about a model or an adapter, in the words of its author. */
export interface NoticeOf {
  /** Name of the adapter; null for a notice about the whole package. */
  name: string | null;
  notice: string;
}

/** Joins notices to one text; null if there are none. */
export function noticeLine(notices: readonly NoticeOf[]): string | null {
  return [...new Set(notices.map(({ notice }) => notice))].join(' ') || null;
}

/** Returns the notices of these adapters (null: the base model alone), or else the one of the whole package. */
export function noticesOf(manifest: Manifest, adapters: readonly (string | null)[]): NoticeOf[] {
  const found = adapters.flatMap((name) => {
    const notice = manifest.adapters.find((entry) => entry.name === name)?.notice;
    return notice ? [{ name, notice }] : [];
  });
  if (found.length > 0 || !manifest.notice) return found;
  return [{ name: null, notice: manifest.notice }];
}
