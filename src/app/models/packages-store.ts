import { aborted, asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { BuildProgress } from '../../import/build.ts';
import type { StoredPackage } from '../../packages/api.ts';
import type { PackagesClient } from '../../packages/client.ts';
import type { ModelSource } from '../../scoring/worker/api.ts';
import { errorText } from '../i18n/error-text.ts';
import { strings } from '../i18n/strings.ts';
import { Store } from '../state/store.ts';
import { allowReading, newFolder } from '../ui/file-system.ts';
import type { PageStorage } from '../ui/page-storage.ts';
import type { Folder } from './folders.ts';
import {
  adapterName,
  type Chosen,
  chosen,
  emptyForm,
  type Found,
  formOf,
  type ImportChoices,
  type ImportForm,
  modelName,
  requestOf,
  sourceName,
  sourcesOf,
  withAdapter,
  withBase,
  withFound,
  withoutAdapter,
} from './import-form.ts';
import { JobMeter } from './job-meter.ts';
import { expectPackages, forgetPackage, lostPackages } from './packages-hint.ts';
import {
  canImport,
  initialPackages,
  isImporting,
  type Job,
  latestPlan,
  type Note,
  type PackagesState,
  type Role,
} from './packages-state.ts';
import { Planner, type PlanReport } from './planner.ts';
import { type Sorted, sortFolder } from './sort-folder.ts';

/** What is noted when work on a stored package has succeeded. */
const DONE = { verify: 'verified', repair: 'repaired', export: 'exported' } as const;

/** Milliseconds between two looks at progress. */
const DRAW_MS = 200;

/** Milliseconds between two looks at packages that another tab, or this one before a reload, is writing. */
const BUSY_MS = 3000;

export interface PackagesOptions {
  client: PackagesClient;
  storage: PageStorage | null;
  /** Loads a model for scoring; false when that cannot be done now. */
  load: (source: ModelSource) => boolean;
  /** Lets go of a stored package that is about to be deleted. */
  release: (id: string) => Promise<void>;
  /** Asks the browser not to clear what is stored when the disk is short. */
  persist: () => Promise<unknown>;
  /** Tells other tabs that what is stored has changed. */
  announce?: () => void;
}

/**
 * The state of imports and stored packages. Calls never throw: what goes wrong becomes part of
 * the state, and what was entered stays. The access token is only ever in this state and in calls to the worker.
 */
export class PackagesStore extends Store<PackagesState> {
  private readonly options: PackagesOptions;
  private readonly client: PackagesClient;
  private readonly planner: Planner;
  private listCall = 0;
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PackagesOptions) {
    super(initialPackages());
    this.options = options;
    this.client = options.client;
    this.planner = new Planner(options.client, (plan) => this.setPlan(plan));
  }

  /** Reads which packages are stored. */
  async refresh(): Promise<void> {
    const call = ++this.listCall;
    try {
      const packages = await this.client.list();
      if (call !== this.listCall) return;
      const lost = [...this.state.lost, ...lostPackages(this.options.storage, packages)];
      expectPackages(this.options.storage, packages);
      this.set({ packages, listError: null, lost });
      this.lookAgain();
    } catch (thrown) {
      if (call === this.listCall) this.set({ listError: asTiebreakError(thrown) });
    }
  }

  /** Opens or closes the card. What is stored may have changed since it was last open. */
  setOpen(isOpen: boolean): void {
    if (isOpen === this.state.isOpen) return;
    this.set({ isOpen });
    if (isOpen) void this.refresh();
  }

  /** Leads the user to the import, with a folder that was given where a package is wanted. */
  importFolder(role: Role, folder: Folder): void {
    this.setOpen(true);
    this.set({ led: this.state.led + 1 });
    void this.takeFolder(role, Promise.resolve(folder));
  }

  /** Takes a folder that was dropped or chosen, and what lies in it. `otherwise` is what to say when it was none. */
  async takeFolder(
    role: Role,
    choice: Promise<Folder | null>,
    otherwise: string | null = null,
  ): Promise<void> {
    this.set({ folderNote: { role, text: strings.own.lookingThrough } });
    let text: string | null;
    try {
      const folder = await choice;
      text = folder === null ? otherwise : this.put(await sortFolder(role, folder));
    } catch (thrown) {
      text = strings.own.folderFailed(errorText(asTiebreakError(thrown)).message);
    }
    this.set({ folderNote: text === null ? null : { role, text } });
  }

  /** Takes the name of a repository or a URL; returns why it cannot be one. */
  takeAddress(role: Role, text: string): TiebreakError | null {
    const source = { kind: 'remote', address: text.trim() } as const;
    let name: string;
    try {
      name = sourceName(source);
    } catch (thrown) {
      return asTiebreakError(thrown);
    }
    this.set({ folderNote: null });
    const { form, packages } = this.state;
    if (role === 'base') this.edit(withBase(form, source, packages ?? []));
    else if (role === 'adapter') this.edit(withAdapter(form, source, name));
    else this.edit({ tokenizer: chosen(source) });
    return null;
  }

  /** Adds an adapter that was found. */
  acceptOffer(offer: Found): void {
    const { form } = this.state;
    const offers = form.offers.filter((one) => one !== offer);
    this.edit({ ...withAdapter(form, offer.source, offer.name), offers });
  }

  removeAdapter(key: number): void {
    this.edit(withoutAdapter(this.state.form, key));
  }

  /** Names an adapter. The plan does not depend on names, unless they were in its way. */
  renameAdapter(key: number, name: string): void {
    if (isImporting(this.state)) return;
    const { adapters } = this.state.form;
    this.change({ adapters: adapters.map((one) => (one.key === key ? { ...one, name } : one)) });
    if (this.state.plan.status === 'none') void this.replan();
  }

  setName(name: string): void {
    if (!isImporting(this.state)) this.change({ name });
  }

  setChoices(choices: Partial<ImportChoices>): void {
    this.edit(choices);
  }

  /** Keeps the access token while this import lasts. It is used from the next plan on. */
  setToken(token: string): void {
    if (!isImporting(this.state)) this.change({ token });
  }

  /** Asks again what the import would do. */
  replan(): Promise<void> {
    const { form, job } = this.state;
    const request = requestOf(form);
    if (job === null) return this.planner.ask(request, token(form));
    // The worker does one thing at a time: asked when that has ended.
    this.setPlan({ status: request === null ? 'none' : 'asking' });
    return Promise.resolve();
  }

  /** Imports what the form says, or downloads the package that lies there, and loads the result for scoring. */
  async startImport(): Promise<void> {
    if (!canImport(this.state)) return;
    const { form, plan } = this.state;
    const request = requestOf(form);
    if (request === null) return;
    const offered = plan.status === 'ready' && plan.plan.kind === 'package';
    const address = offered && request.base.kind === 'remote' ? request.base.address : null;
    const known = this.state.packages?.map((stored) => stored.id) ?? null;
    const id = form.resume?.id ?? null;
    this.set({ importNote: null, folderNote: null });
    void this.options.persist().catch(() => undefined); // without it the browser may clear the model some day
    try {
      const stored = await this.work(address === null ? 'import' : 'download', id, (onProgress) =>
        address === null
          ? this.client.start(request, token(form), id, onProgress)
          : this.client.download(address, token(form), id, onProgress),
      );
      // The form goes with the token in it.
      this.set({ form: emptyForm(), plan: { status: 'none' } });
      const loaded = this.use(stored);
      this.note(stored.id, { kind: address === null ? 'imported' : 'downloaded', loaded });
      await this.changed();
    } catch (thrown) {
      this.set({ importNote: noteOf(thrown) });
      await this.changed();
      if (this.state.form === form) this.change({ resume: this.goOn(form, known) });
      await this.replan();
    }
  }

  /** Stops the work that is going on. The page says so at once; the worker follows within a second. */
  async cancel(): Promise<void> {
    const { job } = this.state;
    if (job === null || job.cancelling) return;
    this.set({ job: { ...job, cancelling: true } });
    await this.client.cancel().catch(() => undefined); // a dead worker has stopped too
  }

  /**
   * Goes on with a partial package: at once when its sources can be reached, else the form says what must be chosen
   * again. Needs a click, because reading a folder of an earlier visit must be allowed.
   */
  async resume(stored: StoredPackage): Promise<void> {
    const form = this.state.form.resume?.id === stored.id ? this.state.form : formOf(stored);
    if (form === null || this.state.job !== null) return;
    this.set({ form, importNote: null, folderNote: null });
    await this.allow();
    // A plan first: it writes nothing, so an access token that is missing by now costs nothing.
    if (canImport(this.state)) await this.startImport();
  }

  /** Asks the user to let the folders of an earlier visit be read again. Needs a click. */
  async allow(): Promise<void> {
    const handles = sourcesOf(this.state.form).flatMap(({ source, locked }) =>
      locked && source?.kind === 'handle' ? [source.handle] : [],
    );
    const asked = handles.map(async (handle) => ((await allowReading(handle)) ? [handle] : []));
    const allowed = new Set((await Promise.all(asked)).flat());
    const open = <T extends Chosen>(one: T): T =>
      one.source?.kind === 'handle' && allowed.has(one.source.handle)
        ? { ...one, locked: false }
        : one;
    const { base, adapters, tokenizer } = this.state.form;
    this.change({
      base: base && open(base),
      adapters: adapters.map(open),
      tokenizer: tokenizer && open(tokenizer),
    });
    await this.replan();
  }

  /** Makes a new import of one that would go on, so that its choices can be changed. */
  startAnew(): void {
    const { resume, name } = this.state.form;
    if (resume === null) return;
    this.set({ importNote: null });
    this.edit({ resume: null, name: modelName(name, this.state.packages ?? []) });
  }

  /** Chooses a stored package for scoring; false when that cannot be done now. */
  use({ id, name }: StoredPackage): boolean {
    return this.options.load({ kind: 'stored', id, name });
  }

  /** Compares every file of a package with its sha256. */
  async verify(id: string): Promise<void> {
    await this.task('verify', id, (onProgress) => this.client.verify(id, onProgress));
  }

  /** Fetches what is damaged of a downloaded package again. The token is the one of the form: there is no other. */
  async repair(id: string): Promise<void> {
    if (this.state.job !== null) return;
    await this.options.release(id).catch(() => undefined); // what is still in use is said to be so
    await this.task('repair', id, (onProgress) =>
      this.client.repair(id, token(this.state.form), onProgress).then(() => undefined),
    );
    await this.changed();
  }

  /** Copies a package into a new folder in the one that is chosen; null when none was. */
  async exportTo(
    { id, name }: StoredPackage,
    choice: Promise<FileSystemDirectoryHandle | null>,
  ): Promise<void> {
    try {
      const parent = await choice;
      if (parent === null || this.state.job !== null) return;
      await this.task('export', id, async (onProgress) => {
        const folder = await newFolder(parent, adapterName(name, []));
        await this.client.exportTo(id, folder, onProgress);
      });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
  }

  /** Shows the files of a package for saving one by one, for browsers that give no folder; hides them again. */
  async showFiles(id: string): Promise<void> {
    if (this.state.notes[id]?.kind === 'files') {
      this.note(id, null);
      return;
    }
    try {
      this.note(id, { kind: 'files', files: await this.client.files(id) });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
  }

  /** Deletes a package. */
  async remove(id: string): Promise<void> {
    if (this.state.job?.id === id) return;
    this.note(id, { kind: 'deleting' }); // another model may have to be loaded first
    try {
      await this.options.release(id);
      await this.client.remove(id);
      forgetPackage(this.options.storage, id);
      if (this.state.form.resume?.id === id) this.startAnew();
      this.note(id, null);
      await this.changed();
    } catch (thrown) {
      this.note(id, noteOf(thrown));
      await this.refresh();
    }
    await this.replan(); // there is more room now
  }

  /** A tab that was closed while it wrote a package tells nobody, so the end of a writer that is not ours is looked for. */
  private lookAgain(): void {
    clearTimeout(this.looking);
    const { packages, job } = this.state;
    const others = job === null && packages?.some(({ state }) => state === 'busy');
    if (others) this.looking = setTimeout(() => void this.refresh(), BUSY_MS);
  }

  /** Reads the list anew and tells other tabs to do so. */
  private async changed(): Promise<void> {
    this.options.announce?.();
    await this.refresh();
  }

  /** Puts what lay in a folder where it belongs; returns what the user should know about it. */
  private put({ package: finished, base, tokenizer, adapters, text }: Sorted): string | null {
    if (finished !== undefined) {
      const loaded = this.options.load({ kind: 'files', ...finished });
      return loaded
        ? strings.own.isPackage(finished.label)
        : strings.own.isPackageButRunning(finished.label);
    }
    let { form } = this.state;
    if (base !== undefined) form = withBase(form, base.source, this.state.packages ?? []);
    if (tokenizer !== undefined) form = { ...form, tokenizer: chosen(tokenizer) };
    form = withFound(form, adapters);
    if (form !== this.state.form) this.edit(form);
    const offered = adapters.length > 1 && form.offers.length > 0;
    return text ?? (offered ? strings.own.severalAdapters(form.offers.length) : null);
  }

  /** The partial package that an import which did not succeed goes on with; null when nothing of it was kept. */
  private goOn({ resume }: ImportForm, known: string[] | null): ImportForm['resume'] {
    const partial = this.state.packages?.filter(({ state }) => state === 'partial') ?? [];
    const one = resume
      ? partial.find(({ id }) => id === resume.id)
      : partial.find(({ id }) => known !== null && !known.includes(id));
    return one === undefined ? null : { id: one.id, name: one.name, bytes: one.bytes };
  }

  private async task(
    kind: keyof typeof DONE,
    id: string,
    start: (onProgress: (progress: BuildProgress) => void) => Promise<void>,
  ): Promise<void> {
    if (this.state.job !== null) return;
    this.note(id, null);
    try {
      await this.work(kind, id, start);
      this.note(id, { kind: DONE[kind] });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
    await this.replan();
  }

  private async work<T>(
    kind: Job['kind'],
    id: string | null,
    start: (onProgress: (progress: BuildProgress) => void) => Promise<T>,
  ): Promise<T> {
    const meter = new JobMeter();
    this.set({ job: { kind, id, cancelling: false, progress: null } });
    try {
      await this.planner.halt();
      if (this.state.job?.cancelling) throw aborted();
      return await start((progress) => {
        const { job } = this.state;
        if (job === null) return;
        if (job.progress === null && kind !== 'verify' && kind !== 'export') void this.noteBegun();
        this.setSoon({ job: { ...job, progress: meter.take(progress) } }, DRAW_MS);
      });
    } finally {
      this.set({ job: null });
    }
  }

  /**
   * Notes for the next visit, which may come before the end, that a package has been begun. The list that is shown does not
   * change: the progress is shown elsewhere.
   */
  private async noteBegun(): Promise<void> {
    this.options.announce?.();
    const packages = await this.client.list().catch(() => null);
    if (packages !== null && this.state.job !== null) {
      expectPackages(this.options.storage, packages);
    }
  }

  private setPlan(plan: PlanReport): void {
    const last = latestPlan(this.state.plan);
    this.set({ plan: plan.status === 'asking' ? { status: 'asking', last } : plan });
  }

  private note(id: string, note: Note | null): void {
    const { [id]: _, ...others } = this.state.notes;
    this.set({ notes: note === null ? others : { ...others, [id]: note } });
  }

  /** Changes what the import is made of. */
  private edit(change: Partial<ImportForm>): void {
    if (isImporting(this.state)) return;
    this.change(change);
    void this.replan();
  }

  private change(change: Partial<ImportForm>): void {
    this.set({ form: { ...this.state.form, ...change } });
  }
}

function token({ token }: ImportForm): string | null {
  return token.trim() === '' ? null : token.trim();
}

function noteOf(thrown: unknown): Note {
  const error = asTiebreakError(thrown);
  return error.code === aborted().code ? { kind: 'cancelled' } : { kind: 'failed', error };
}
