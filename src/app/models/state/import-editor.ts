import { asTiebreakError, type TiebreakError } from '../../../domain/errors.ts';
import type { ModelSource } from '../../../scoring/lanes/model-source.ts';
import { errorText } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import type { Writable } from '../../state/store.ts';
import { allowReading } from '../../ui/files/file-system.ts';
import type { Folder } from '../folders/folders.ts';
import {
  type Chosen,
  chosen,
  type Found,
  type ImportChoices,
  type ImportForm,
  modelName,
  requestOf,
  sourceName,
  sourcesOf,
  tokenOf,
  withAdapter,
  withBase,
  withFound,
  withoutAdapter,
} from './import-form.ts';
import { isImporting, type PackagesState, planAfter, type Role } from './packages-state.ts';
import type { Planner } from './planner.ts';
import { type Sorted, sortFolder } from './sort-folder.ts';

type Fields = 'form' | 'plan' | 'folderNote' | 'importNote';

/** Edits the sources of an import. Every change asks for a new plan; during an import changes are refused. */
export class ImportEditor {
  private readonly store: Writable<PackagesState, Fields>;
  private readonly planner: Planner;
  private readonly load: (source: ModelSource) => boolean;

  /** @param load loads a package that was given as a checkpoint; false if that is impossible now. */
  constructor(
    store: Writable<PackagesState, Fields>,
    planner: Planner,
    load: (source: ModelSource) => boolean,
  ) {
    this.store = store;
    this.planner = planner;
    this.load = load;
  }

  /**
   * Sorts the contents of a dropped or chosen folder into the form. `otherwise`: the message if there was no folder.
   */
  async takeFolder(
    role: Role,
    choice: Promise<Folder | null>,
    otherwise: string | null = null,
  ): Promise<void> {
    this.store.set({ folderNote: { role, text: strings.own.lookingThrough } });
    let text: string | null;
    try {
      const folder = await choice;
      text = folder === null ? otherwise : this.put(await sortFolder(role, folder));
    } catch (thrown) {
      text = strings.own.folderFailed(errorText(asTiebreakError(thrown)).message);
    }
    this.store.set({ folderNote: text === null ? null : { role, text } });
  }

  /** Sets the name of a repository or a URL as a source. Returns the error of an invalid one, or null. */
  takeAddress(role: Role, text: string): TiebreakError | null {
    const source = { kind: 'remote', address: text.trim() } as const;
    let name: string;
    try {
      name = sourceName(source);
    } catch (thrown) {
      return asTiebreakError(thrown);
    }
    this.store.set({ folderNote: null });
    const { form, packages } = this.store.getState();
    if (role === 'base') this.edit(withBase(form, source, packages ?? []));
    else if (role === 'adapter') this.edit(withAdapter(form, source, name));
    else this.edit({ tokenizer: chosen(source) });
    return null;
  }

  /** Adds an adapter that was found in a folder. */
  acceptOffer(offer: Found): void {
    const { form } = this.store.getState();
    const offers = form.offers.filter((one) => one !== offer);
    this.edit({ ...withAdapter(form, offer.source, offer.name), offers });
  }

  removeAdapter(key: number): void {
    this.edit(withoutAdapter(this.store.getState().form, key));
  }

  /** Names an adapter. A plan does not contain names; a new one is made only if an invalid name had prevented it. */
  renameAdapter(key: number, name: string): void {
    const state = this.store.getState();
    if (isImporting(state)) return;
    const adapters = state.form.adapters.map((one) => (one.key === key ? { ...one, name } : one));
    this.change({ adapters });
    if (state.plan.status === 'none') void this.replan();
  }

  setName(name: string): void {
    if (!isImporting(this.store.getState())) this.change({ name });
  }

  setChoices(choices: Partial<ImportChoices>): void {
    this.edit(choices);
  }

  /** Keeps the access token for this import. The next plan uses it. */
  setToken(token: string): void {
    if (!isImporting(this.store.getState())) this.change({ token });
  }

  /** Asks for a new plan. */
  replan(): Promise<void> {
    const { form, job, plan } = this.store.getState();
    const request = requestOf(form);
    if (job === null) return this.planner.ask(request, tokenOf(form));
    // The worker does one job at a time; the plan follows when it has ended.
    const status = request === null ? 'none' : 'asking';
    this.store.set({ plan: planAfter(plan, { status }) });
    return Promise.resolve();
  }

  /** Asks the user for permission to read the folders of an earlier visit. Needs a click. */
  async allow(): Promise<void> {
    const handles = sourcesOf(this.store.getState().form).flatMap(({ source, locked }) =>
      locked && source?.kind === 'handle' ? [source.handle] : [],
    );
    const asked = handles.map(async (handle) => ((await allowReading(handle)) ? [handle] : []));
    const allowed = new Set((await Promise.all(asked)).flat());
    const open = <T extends Chosen>(one: T): T =>
      one.source?.kind === 'handle' && allowed.has(one.source.handle)
        ? { ...one, locked: false }
        : one;
    const { base, adapters, tokenizer } = this.store.getState().form;
    this.change({
      base: base && open(base),
      adapters: adapters.map(open),
      tokenizer: tokenizer && open(tokenizer),
    });
    await this.replan();
  }

  /** Turns a continued import into a new one, so that its choices can be changed. */
  startAnew(): void {
    const { form, packages } = this.store.getState();
    if (form.resume === null) return;
    this.store.set({ importNote: null });
    this.edit({ resume: null, name: modelName(form.name, packages ?? []) });
  }

  /** Changes the form without a new plan. */
  change(change: Partial<ImportForm>): void {
    this.store.set({ form: { ...this.store.getState().form, ...change } });
  }

  private edit(change: Partial<ImportForm>): void {
    if (isImporting(this.store.getState())) return;
    this.change(change);
    void this.replan();
  }

  /** Puts the contents of a folder into the form. Returns a message for the user, or null. */
  private put({ package: finished, base, tokenizer, adapters, text }: Sorted): string | null {
    if (finished !== undefined) {
      const loaded = this.load({ kind: 'files', ...finished });
      return loaded
        ? strings.own.isPackage(finished.label)
        : strings.own.isPackageButRunning(finished.label);
    }
    const { form: previous, packages } = this.store.getState();
    let form = previous;
    if (base !== undefined) form = withBase(form, base.source, packages ?? []);
    if (tokenizer !== undefined) form = { ...form, tokenizer: chosen(tokenizer) };
    form = withFound(form, adapters);
    if (form !== previous) this.edit(form);
    const offered = adapters.length > 1 && form.offers.length > 0;
    return text ?? (offered ? strings.own.severalAdapters(form.offers.length) : null);
  }
}
