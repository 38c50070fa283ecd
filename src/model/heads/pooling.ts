import * as v from 'valibot';
import type { DecoderConfig } from '../decoder.ts';
import { check, parseJson } from '../json.ts';
import { type Head, pooledLength, readsLastToken } from './head.ts';

const Schema = v.object({ transformers_version: v.nullish(v.string()) });

/** The first version of Transformers whose classifiers read the last token that is not padding. */
const SINCE = [4, 49] as const;

/**
 * The version of Transformers in a `config.json` if classifiers of that version read the token before the first padding
 * token, wherever it is: the same as {@link pooledLength} unless a text holds the padding token. Null for later
 * versions, for none, and where nothing is padding.
 */
export function olderPooling(
  json: string,
  { padTokenId }: DecoderConfig,
  head: Head,
): string | null {
  const raw = parseJson(json, 'config.json', 'model/config');
  const { transformers_version: version } = check(Schema, raw, 'config.json', 'model/config');
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (version == null || major === undefined || padTokenId === null || readsLastToken(head)) {
    return null;
  }
  const isOlder =
    Number(major) < SINCE[0] || (Number(major) === SINCE[0] && Number(minor) < SINCE[1]);
  return isOlder ? version : null;
}

/** True if a row holds the padding token before the token that the head reads. */
export function hasPadInside(ids: Int32Array, config: DecoderConfig, head: Head): boolean {
  const { padTokenId } = config;
  if (padTokenId === null || readsLastToken(head)) return false;
  return ids.subarray(0, pooledLength(ids, config, head) - 1).includes(padTokenId);
}
