import { createStore, delMany, get, keys, set } from 'idb-keyval';
import * as v from 'valibot';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';
import type { ImportRequest, ImportSource, StoredRequest } from './api.ts';
import { REQUEST } from './download/check-manifest.ts';

const Source = v.nullable(
  v.variant('kind', [
    v.object({ kind: v.literal('remote'), address: v.string() }),
    // The handle itself cannot be written as JSON and is stored in IndexedDB.
    v.object({ kind: v.literal('handle') }),
  ]),
);
type SourceJson = v.InferOutput<typeof Source>;

const Schema = v.object({
  name: v.string(),
  base: Source,
  adapters: v.array(v.object({ name: v.string(), source: Source })),
  tokenizer: v.optional(Source),
  quant: v.optional(v.picklist(['keep', 'none', 'nf4', 'int4'])),
  embedding: v.optional(v.picklist(['float32', 'float16', 'int8', 'int4'])),
  softCap: v.optional(v.nullable(v.number())),
  /** Bytes of the complete package. */
  bytes: v.optional(v.number()),
});

/**
 * Stores a request beside its partial package, to continue after a reload, with the bytes of the complete package.
 * Sources that cannot be stored become null.
 */
export async function saveRequest(
  sink: PackageSink,
  id: string,
  { name, base, adapters, tokenizer, quant, embedding, softCap }: ImportRequest,
  bytes: number,
): Promise<void> {
  const json: v.InferInput<typeof Schema> = {
    name,
    base: await keepSource(id, 'base', base),
    adapters: [],
    quant,
    embedding,
    softCap,
    bytes,
  };
  for (const [i, adapter] of adapters.entries()) {
    const source = await keepSource(id, `adapter-${i}`, adapter.source);
    json.adapters.push({ name: adapter.name, source });
  }
  if (tokenizer !== undefined) json.tokenizer = await keepSource(id, 'tokenizer', tokenizer);
  await sink.replace(REQUEST, new TextEncoder().encode(JSON.stringify(json)));
}

/** The request of a partial package, and its bytes when complete; null if none is stored or it is unreadable. */
export async function readRequest(
  files: PackageFiles,
  id: string,
): Promise<{ request: StoredRequest; bytes: number | null } | null> {
  let json: v.InferOutput<typeof Schema>;
  try {
    json = v.parse(Schema, JSON.parse(await readText(files, REQUEST)));
  } catch {
    return null;
  }
  const { base, adapters, tokenizer, bytes = null, ...choices } = json;
  const request: StoredRequest = {
    ...choices,
    base: await findSource(id, 'base', base),
    adapters: [],
  };
  for (const [i, adapter] of adapters.entries()) {
    const source = await findSource(id, `adapter-${i}`, adapter.source);
    request.adapters.push({ name: adapter.name, source });
  }
  if (tokenizer !== undefined) {
    request.tokenizer = await findSource(id, 'tokenizer', tokenizer);
  }
  return { request, bytes };
}

/** Deletes the stored request of a package and its handles. */
export async function forgetRequest(sink: PackageSink, id: string): Promise<void> {
  await sink.remove(REQUEST);
  await forgetHandles(id);
}

/** Deletes the stored folder handles of a package. */
export async function forgetHandles(id: string): Promise<void> {
  try {
    const all = await keys<[string, string]>(handles());
    await delMany(
      all.filter((key) => key[0] === id),
      handles(),
    );
  } catch {
    // Without IndexedDB no handles are stored.
  }
}

let store: ReturnType<typeof createStore> | undefined;

/** The database of handles; a key is the package's id and the role of the folder: `base`, `adapter-0`, `tokenizer`. */
function handles(): ReturnType<typeof createStore> {
  store ??= createStore('tiebreak-packages', 'handles');
  return store;
}

async function keepSource(id: string, place: string, source: ImportSource): Promise<SourceJson> {
  if (source.kind === 'files') return null;
  if (source.kind === 'remote') return { kind: 'remote', address: source.address };
  try {
    await set([id, place], source.handle, handles());
    return { kind: 'handle' };
  } catch {
    // Some browsers cannot store handles. The user must choose the folder again, as after a drop.
    return null;
  }
}

async function findSource(
  id: string,
  place: string,
  source: SourceJson,
): Promise<ImportSource | null> {
  if (source?.kind !== 'handle') return source;
  try {
    const handle = await get<FileSystemDirectoryHandle>([id, place], handles());
    return handle === undefined ? null : { kind: 'handle', handle };
  } catch {
    return null;
  }
}
