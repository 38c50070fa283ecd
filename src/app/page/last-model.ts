import * as v from 'valibot';
import type { TiebreakError } from '../../domain/errors.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { ModelSource } from '../../scoring/lanes/model-source.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';

const KEY = 'tiebreak.model';

/** Bytes of weights above which loading takes so long that the page asks first. */
const ASK_BYTES = 1e9;

const about = { name: v.string(), bytes: v.pipe(v.number(), v.minValue(0)) };
const Schema = v.variant('kind', [
  v.object({ kind: v.literal('stored'), id: v.string(), ...about }),
  v.object({ kind: v.literal('url'), url: v.pipe(v.string(), v.url()), ...about }),
  v.object({ kind: v.literal('files'), ...about }),
]);

/** The model of the last visit if it was not the embedded one. `bytes`: size of its weights. */
export type LastModel = v.InferOutput<typeof Schema>;

/** The reason why the model of the last visit is not loaded. */
export type LastModelNote =
  /** It was a folder that the user dropped or chose, which a page cannot open again by itself. */
  | { kind: 'folder'; name: string }
  /** It is deleted or damaged, and the embedded model replaces it. */
  | { kind: 'lost'; name: string; error: TiebreakError };

/** Reads the model of the last visit; null for the embedded one, and if unknown. */
export function readLastModel(storage: PageStorage | null): LastModel | null {
  try {
    const saved = v.safeParse(Schema, JSON.parse(storage?.getItem(KEY) ?? 'null'));
    return saved.success ? saved.output : null;
  } catch {
    return null;
  }
}

/** Stores the loaded model for the next visit if the browser allows it. `embedded`: the model that the page ships. */
export function writeLastModel(
  storage: PageStorage | null,
  source: ModelSource,
  embedded: ModelSource,
  { name, engine }: ModelInfo,
): void {
  const known = { name, bytes: engine.weightBytes + engine.adapterBytes };
  let last: LastModel | null = null;
  if (source.kind === 'stored') last = { kind: 'stored', id: source.id, ...known };
  else if (source.kind === 'files') last = { kind: 'files', ...known };
  else if (source !== embedded) last = { kind: 'url', url: source.url, ...known };
  try {
    storage?.setItem(KEY, JSON.stringify(last));
  } catch {
    // The next visit then begins with the embedded model.
  }
}

/** The source of the last visit's model; null if the page cannot open it again. */
export function sourceOfLast(last: LastModel): ModelSource | null {
  switch (last.kind) {
    case 'stored':
      return { kind: 'stored', id: last.id, name: last.name };
    case 'url':
      return { kind: 'url', url: last.url };
    case 'files':
      return null;
  }
}

/** True if loading takes so long that the page asks first. */
export function takesLong({ bytes }: LastModel): boolean {
  return bytes > ASK_BYTES;
}

/** True if the error means that a package is deleted or damaged. The user can solve any other, such as a full GPU. */
export function isLost({ code }: TiebreakError): boolean {
  return /^(packages?|storage|model)\//.test(code) && code !== 'packages/busy';
}
