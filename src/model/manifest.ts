import * as v from 'valibot';
import { isDate } from '../domain/date.ts';
import { errorAt, TiebreakError } from '../domain/errors.ts';
import { QUANTIZATIONS } from './formats/quantization.ts';
import { HeadSchema } from './heads/head.ts';
import { check, parseJson, positive } from './json.ts';
import { CHAT_TEMPLATE, MANIFEST } from './manifest-name.ts';

/** Schema of a file's size in bytes and its SHA-256 in hexadecimal. */
export const FileEntry = v.object({
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const SoftCap = v.nullable(positive);

const Schema = v.object({
  format: v.literal('tiebreak-package'),
  version: v.literal(1),
  name: v.string(),
  quantization: v.picklist(QUANTIZATIONS),
  embedding: v.picklist(['float32', 'float16', 'int8', 'int4']),
  softCap: SoftCap,
  head: v.optional(HeadSchema),
  template: v.picklist(['lmsys-notebook', 'chat']),
  chat: v.optional(v.object({ date: v.pipe(v.string(), v.check(isDate, 'date')) })),
  notice: v.optional(v.string()),
  shards: v.pipe(v.array(v.string()), v.minLength(1)),
  adapters: v.array(
    v.object({
      name: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
      softCap: v.optional(SoftCap),
      notice: v.optional(v.string()),
    }),
  ),
  files: v.record(v.string(), FileEntry),
});

/**
 * The contents of `tiebreak.json`, which lists what a package holds.
 * - `softCap`: cap of the attention scores, null for none. It is a setting of package and adapter, not read from
 *   config.json: Transformers 4.42 to 4.44 with SDPA ignored it, so some adapters were trained without it.
 * - `head`: the kind of its heads; left out: linear.
 * - `template`: the text of a row: both answers in the notebook's template, or a conversation with each answer in the
 *   chat template of the file `chat_template.jinja`.
 * - `chat.date`: the day that the chat template takes for today, YYYY-MM-DD.
 * - `notice`: shown wherever the package's numbers appear.
 * - `files`: bytes and SHA-256 of every other file of the package, by path.
 */
export type Manifest = v.InferOutput<typeof Schema>;

/** Parses `tiebreak.json`. @throws TiebreakError `package/manifest`, which names the first invalid field. */
export function parseManifest(json: string): Manifest {
  const value = parseJson(json, MANIFEST, 'package/manifest');
  const manifest = check(Schema, value, MANIFEST, 'package/manifest');
  if ((manifest.template === 'chat') !== (manifest.chat !== undefined)) {
    throw errorAt({ file: MANIFEST }, 'package/manifest:chat');
  }
  if (manifest.template === 'chat' && !Object.hasOwn(manifest.files, CHAT_TEMPLATE)) {
    throw errorAt({ file: MANIFEST }, 'package/manifest:lacks', { path: CHAT_TEMPLATE });
  }
  return manifest;
}

/**
 * Throws `package/adapter-name` unless each name can be a folder of a package of its own. Names that differ only in
 * case would be one folder on some disks, and `none` stands for the base model alone.
 */
export function checkAdapterNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const taken = seen.has(name.toLowerCase());
    if (!taken && /^[\w.-]+$/.test(name) && !/^\.+$/.test(name) && name !== 'none') {
      seen.add(name.toLowerCase());
      continue;
    }
    throw new TiebreakError('package/adapter-name', { params: { name, isTaken: taken } });
  }
}

/** Path of an adapter's directory in a package. */
export function adapterDirectory(name: string): string {
  return `adapters/${name}`;
}
