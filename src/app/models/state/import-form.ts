import type { QuantOption } from '../../../import/build.ts';
import type { Manifest } from '../../../model/manifest.ts';
import type {
  ImportPlan,
  ImportRequest,
  ImportSource,
  StoredPackage,
} from '../../../packages/api.ts';
import { HUB, remoteFolder } from '../../../storage/hub-address.ts';

/** A chosen source, of this visit or an earlier one. */
export interface Chosen {
  /** Its name for the user; empty if only the files of an earlier visit had it. */
  label: string;
  /** Null for files of an earlier visit, which must be chosen again. */
  source: ImportSource | null;
  /** True for a folder of an earlier visit that needs permission to be read again. */
  locked: boolean;
}

/** An adapter with its future name in the package. */
export interface FormAdapter extends Chosen {
  key: number;
  name: string;
}

/** A source that was found in a folder. */
export interface Found {
  /** Its path in that folder. */
  path: string;
  name: string;
  source: ImportSource;
}

/** Choices in making the package. */
export interface ImportChoices {
  quant: QuantOption | 'auto';
  embedding: Manifest['embedding'] | 'auto';
  /** `config`: the value of config.json. Null: none. */
  softCap: number | null | 'config';
}

/** All entries of an import's form. Kept in memory only. */
export interface ImportForm extends ImportChoices {
  /** The partial package to continue, whose choices must not change; null for a new one. */
  resume: Pick<StoredPackage, 'id' | 'name' | 'bytes'> | null;
  base: Chosen | null;
  adapters: FormAdapter[];
  /** Adapters found in a folder, for the user to accept. */
  offers: Found[];
  /** Null unless the checkpoint lacks a tokenizer and the user chose one. */
  tokenizer: Chosen | null;
  name: string;
  /** The access token for the hub; never part of a stored request. */
  token: string;
}

/** Makes an empty form. */
export function emptyForm(): ImportForm {
  return {
    resume: null,
    base: null,
    adapters: [],
    offers: [],
    tokenizer: null,
    name: '',
    quant: 'auto',
    embedding: 'auto',
    softCap: 'config',
    token: '',
  };
}

/** The access token of a form; null if none was entered. */
export function tokenOf({ token }: ImportForm): string | null {
  return token.trim() === '' ? null : token.trim();
}

/** A source that was chosen in this visit. */
export function chosen(source: ImportSource): Chosen {
  return { label: sourceLabel(source), source, locked: false };
}

/** Restores the form of an interrupted import or download; null if its request was not stored. */
export function formOf({ id, name, bytes, request, address }: StoredPackage): ImportForm | null {
  if (address !== null) {
    const base = chosen({ kind: 'remote', address });
    return { ...emptyForm(), resume: { id, name, bytes }, base, name };
  }
  if (request === null) return null;
  return {
    ...emptyForm(),
    resume: { id, name, bytes },
    base: kept(request.base),
    adapters: request.adapters.map(({ name, source }, key) => ({ ...kept(source), key, name })),
    tokenizer: request.tokenizer === undefined ? null : kept(request.tokenizer),
    name: request.name,
    quant: request.quant ?? 'auto',
    embedding: request.embedding ?? 'auto',
    softCap: request.softCap === undefined ? 'config' : request.softCap,
  };
}

function kept(source: ImportSource | null): Chosen {
  if (source === null) return { label: '', source, locked: false };
  return { ...chosen(source), locked: source.kind === 'handle' };
}

/** Sets the checkpoint of a form; a new import takes its name. */
export function withBase(
  form: ImportForm,
  source: ImportSource,
  packages: readonly StoredPackage[],
): ImportForm {
  const name = form.resume === null ? modelName(sourceName(source), packages) : form.name;
  return { ...form, base: chosen(source), name };
}

/**
 * Adds an adapter to a form. A continued import takes no additional adapters: the source then goes to the first adapter
 * whose files must be chosen again.
 */
export function withAdapter(form: ImportForm, source: ImportSource, name: string): ImportForm {
  const { adapters, resume } = form;
  const lost = adapters.find((adapter) => adapter.source === null);
  if (lost !== undefined) {
    const found = { ...lost, ...chosen(source) };
    return { ...form, adapters: adapters.map((one) => (one === lost ? found : one)) };
  }
  if (resume !== null) return form;
  const key = 1 + Math.max(-1, ...adapters.map((adapter) => adapter.key));
  const added = { ...chosen(source), key, name: adapterName(name, adapters) };
  return { ...form, adapters: [...adapters, added] };
}

/** Adds the adapters of a folder: a single one directly, several as offers. */
export function withFound(form: ImportForm, found: readonly Found[]): ImportForm {
  const [first, ...others] = found;
  if (first === undefined) return form;
  if (others.length === 0) return withAdapter(form, first.source, first.name);
  const isFull = form.resume !== null && form.adapters.every(({ source }) => source !== null);
  return isFull ? form : { ...form, offers: [...found] };
}

/** Removes an adapter from a form. In a continued import only its source is removed, to be chosen again. */
export function withoutAdapter(form: ImportForm, key: number): ImportForm {
  const adapters =
    form.resume === null
      ? form.adapters.filter((adapter) => adapter.key !== key)
      : form.adapters.map((one) => (one.key === key ? { ...one, ...kept(null) } : one));
  return { ...form, adapters };
}

/** All sources of a form. */
export function sourcesOf({ base, adapters, tokenizer }: ImportForm): Chosen[] {
  return [base, ...adapters, tokenizer].filter((source) => source !== null);
}

/** The request for a form; null while something is missing or needs permission. */
export function requestOf(form: ImportForm): ImportRequest | null {
  const base = usable(form.base);
  if (base === null || nameFaults(form.adapters).size > 0) return null;
  const request: ImportRequest = { name: form.name.trim(), base, adapters: [] };
  for (const adapter of form.adapters) {
    const source = usable(adapter);
    if (source === null) return null;
    request.adapters.push({ name: adapter.name, source });
  }
  if (form.tokenizer !== null) {
    const tokenizer = usable(form.tokenizer);
    if (tokenizer === null) return null;
    request.tokenizer = tokenizer;
  }
  if (form.quant !== 'auto') request.quant = form.quant;
  if (form.embedding !== 'auto') request.embedding = form.embedding;
  if (form.softCap !== 'config') request.softCap = form.softCap;
  return request;
}

function usable(source: Chosen | null): ImportSource | null {
  return source === null || source.locked ? null : source.source;
}

/** The reason why an adapter's name cannot be used. */
type NameFault = 'empty' | 'characters' | 'reserved' | 'taken';

/** Adapters with an invalid name, by key. Of two equal names the second is the invalid one. */
export function nameFaults(adapters: readonly FormAdapter[]): Map<number, NameFault> {
  const faults = new Map<number, NameFault>();
  const seen = new Set<string>();
  for (const { key, name } of adapters) {
    const fault = nameFault(name, seen);
    if (fault !== null) faults.set(key, fault);
    // Names become folders, and some file systems do not distinguish case.
    seen.add(name.toLowerCase());
  }
  return faults;
}

function nameFault(name: string, taken: ReadonlySet<string>): NameFault | null {
  if (name === '') return 'empty';
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) return 'characters';
  // On the command line `none` stands for the base alone.
  if (name.toLowerCase() === 'none') return 'reserved';
  return taken.has(name.toLowerCase()) ? 'taken' : null;
}

/** Derives a valid adapter name from the name of its folder or repository. */
export function adapterName(label: string, adapters: readonly FormAdapter[]): string {
  const plain = label.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  const base = plain === '' || plain.toLowerCase() === 'none' ? 'adapter' : plain;
  const taken = new Set(adapters.map(({ name }) => name.toLowerCase()));
  return free(base, (name) => taken.has(name.toLowerCase()));
}

/** Derives a model name that no stored package has. */
export function modelName(label: string, packages: readonly StoredPackage[]): string {
  return free(label, (name) => packages.some((stored) => stored.name === name));
}

function free(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The name of a source for the user. */
function sourceLabel(source: ImportSource): string {
  if (source.kind === 'handle') return source.handle.name;
  return source.kind === 'files' ? source.label : source.address;
}

/** A short name for a source: that of its folder or repository. */
export function sourceName(source: ImportSource): string {
  if (source.kind !== 'remote') return sourceLabel(source);
  const { origin, hostname, pathname } = remoteFolder(source.address);
  const parts = pathname.split('/').filter(Boolean);
  // Addresses of the hub are owner/name/resolve/revision, then folders.
  const name = origin === HUB && parts.length <= 4 ? parts[1] : parts.at(-1);
  return name ?? hostname;
}

/** Parts that are missing before an import can start. */
export interface Lacks {
  tokenizer: boolean;
  /** Bytes that exceed the available space; 0 if the package fits. */
  bytes: number;
}

/** Compares a plan with the available space. `written`: bytes that a continued import has already written. */
export function lacksOf({ facts, available }: ImportPlan, written: number): Lacks {
  return {
    tokenizer: facts.tokenizer === null,
    bytes: lackingBytes(facts.bytes, available, written),
  };
}

/** Bytes that exceed the available space; 0 if the package fits. */
export function lackingBytes(bytes: number, available: number | null, written: number): number {
  const room = available === null ? Number.POSITIVE_INFINITY : available + written;
  return Math.max(0, bytes - room);
}

/** True if nothing is missing. */
export function isWhole({ tokenizer, bytes }: Lacks): boolean {
  return !tokenizer && bytes === 0;
}
