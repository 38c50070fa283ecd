import type { QuantOption } from '../../../import/build.ts';
import type { Manifest } from '../../../model/manifest.ts';
import type {
  ImportPlan,
  ImportRequest,
  ImportSource,
  StoredPackage,
} from '../../../packages/api.ts';
import { HUB, remoteFolder } from '../../../storage/hub-address.ts';

/** A source that was chosen, in this visit or an earlier one. */
export interface Chosen {
  /** The name that the user knows it by; empty when only the files of an earlier visit knew that. */
  label: string;
  /** Null: files of an earlier visit, which must be chosen again. */
  source: ImportSource | null;
  /** A folder of an earlier visit that the user must allow to be read again. */
  locked: boolean;
}

/** An adapter, with the name it gets in the package. */
export interface FormAdapter extends Chosen {
  key: number;
  name: string;
}

/** Something that was found in a folder. */
export interface Found {
  /** Its path in that folder. */
  path: string;
  name: string;
  source: ImportSource;
}

/** How the package is made, where the user may choose. */
export interface ImportChoices {
  quant: QuantOption | 'auto';
  embedding: Manifest['embedding'] | 'auto';
  /** `config`: as config.json says. Null: none. */
  softCap: number | null | 'config';
}

/** Everything that was entered for an import. Lives in memory only. */
export interface ImportForm extends ImportChoices {
  /** The partial package that goes on; null for a new one. Its choices must not change. */
  resume: Pick<StoredPackage, 'id' | 'name' | 'bytes'> | null;
  base: Chosen | null;
  adapters: FormAdapter[];
  /** Adapters that lay in a folder, for the user to take or leave. */
  offers: Found[];
  /** Chosen only where the checkpoint has none. */
  tokenizer: Chosen | null;
  name: string;
  /** For the hub; never part of a request. */
  token: string;
}

/** A form with nothing in it. */
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

/** The access token of a form; null where none was entered. */
export function tokenOf({ token }: ImportForm): string | null {
  return token.trim() === '' ? null : token.trim();
}

/** A source as just chosen. */
export function chosen(source: ImportSource): Chosen {
  return { label: sourceLabel(source), source, locked: false };
}

/** The form of an import or download that was interrupted; null when it was not kept what it was started with. */
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

/** The form with a checkpoint; a new import is named after it. */
export function withBase(
  form: ImportForm,
  source: ImportSource,
  packages: readonly StoredPackage[],
): ImportForm {
  const name = form.resume === null ? modelName(sourceName(source), packages) : form.name;
  return { ...form, base: chosen(source), name };
}

/**
 * The form with one more adapter. An import that goes on takes no more adapters than it had: the source then is that of
 * the first one whose files must be chosen again.
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

/** The form with adapters of a folder: a single one is meant, of several the user chooses. */
export function withFound(form: ImportForm, found: readonly Found[]): ImportForm {
  const [first, ...others] = found;
  if (first === undefined) return form;
  if (others.length === 0) return withAdapter(form, first.source, first.name);
  const isFull = form.resume !== null && form.adapters.every(({ source }) => source !== null);
  return isFull ? form : { ...form, offers: [...found] };
}

/** The form without an adapter; of an import that goes on, with its source to be chosen again. */
export function withoutAdapter(form: ImportForm, key: number): ImportForm {
  const adapters =
    form.resume === null
      ? form.adapters.filter((adapter) => adapter.key !== key)
      : form.adapters.map((one) => (one.key === key ? { ...one, ...kept(null) } : one));
  return { ...form, adapters };
}

/** Every source of the form. */
export function sourcesOf({ base, adapters, tokenizer }: ImportForm): Chosen[] {
  return [base, ...adapters, tokenizer].filter((source) => source !== null);
}

/** The request that the form makes; null while something is missing or must be allowed. */
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

/** Adapters whose name cannot be used, by key. The second of two equal names is the one that is wrong. */
export function nameFaults(adapters: readonly FormAdapter[]): Map<number, NameFault> {
  const faults = new Map<number, NameFault>();
  const seen = new Set<string>();
  for (const { key, name } of adapters) {
    const fault = nameFault(name, seen);
    if (fault !== null) faults.set(key, fault);
    // Names become folders, and not every file system tells a from A.
    seen.add(name.toLowerCase());
  }
  return faults;
}

function nameFault(name: string, taken: ReadonlySet<string>): NameFault | null {
  if (name === '') return 'empty';
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) return 'characters';
  // On the command line `none` means the base alone.
  if (name.toLowerCase() === 'none') return 'reserved';
  return taken.has(name.toLowerCase()) ? 'taken' : null;
}

/** A name for an adapter that can be used, from what its folder or repository is called. */
export function adapterName(label: string, adapters: readonly FormAdapter[]): string {
  const plain = label.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  const base = plain === '' || plain.toLowerCase() === 'none' ? 'adapter' : plain;
  const taken = new Set(adapters.map(({ name }) => name.toLowerCase()));
  return free(base, (name) => taken.has(name.toLowerCase()));
}

/** A name for the model that no stored one has. */
export function modelName(label: string, packages: readonly StoredPackage[]): string {
  return free(label, (name) => packages.some((stored) => stored.name === name));
}

function free(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The name that the user knows a source by. */
function sourceLabel(source: ImportSource): string {
  if (source.kind === 'handle') return source.handle.name;
  return source.kind === 'files' ? source.label : source.address;
}

/** A short name from a source: that of its folder or repository. */
export function sourceName(source: ImportSource): string {
  if (source.kind !== 'remote') return sourceLabel(source);
  const { origin, hostname, pathname } = remoteFolder(source.address);
  const parts = pathname.split('/').filter(Boolean);
  // On the hub: owner/name/resolve/revision, then folders.
  const name = origin === HUB && parts.length <= 4 ? parts[1] : parts.at(-1);
  return name ?? hostname;
}

/** The parts that are missing before an import can start. */
export interface Lacks {
  tokenizer: boolean;
  /** Bytes that are too many for the room there is; 0 when it fits. */
  bytes: number;
}

/** Compares a plan with what there is. `written`: bytes that an import which goes on has written already. */
export function lacksOf({ facts, available }: ImportPlan, written: number): Lacks {
  return {
    tokenizer: facts.tokenizer === null,
    bytes: lackingBytes(facts.bytes, available, written),
  };
}

/** How many bytes more than there is room for; 0 when it fits. */
export function lackingBytes(bytes: number, available: number | null, written: number): number {
  const room = available === null ? Number.POSITIVE_INFINITY : available + written;
  return Math.max(0, bytes - room);
}

/** Says whether nothing is lacking. */
export function isWhole({ tokenizer, bytes }: Lacks): boolean {
  return !tokenizer && bytes === 0;
}
