import type { StoredPackage } from '../../../packages/api.ts';
import type { PackagesClient } from '../../../packages/client.ts';
import type { Writable } from '../../state/store.ts';
import type { ImportEditor } from './import-editor.ts';
import { emptyForm, formOf, type ImportForm, requestOf, tokenOf } from './import-form.ts';
import type { PackageJobs } from './package-jobs.ts';
import type { PackageList } from './package-list.ts';
import { canImport, noteOf, type PackagesState } from './packages-state.ts';
import type { StoredPackages } from './stored-packages.ts';

type Fields = 'form' | 'plan' | 'folderNote' | 'importNote';

interface ImportControlOptions {
  client: Pick<PackagesClient, 'start' | 'download'>;
  list: PackageList;
  jobs: PackageJobs;
  form: ImportEditor;
  stored: StoredPackages;
  /** Asks the browser to keep stored packages when the disk is full. */
  persist: () => Promise<unknown>;
}

/** Starts and continues the import or download of the form. */
export class ImportControl {
  private readonly store: Writable<PackagesState, Fields>;
  private readonly options: ImportControlOptions;

  constructor(store: Writable<PackagesState, Fields>, options: ImportControlOptions) {
    this.store = store;
    this.options = options;
  }

  /** Imports the sources of the form, or downloads the package at their address, and loads the result for scoring. */
  async start(): Promise<void> {
    const state = this.store.getState();
    if (!canImport(state)) return;
    const { form, plan } = state;
    const request = requestOf(form);
    if (request === null) return;
    const { client, list, jobs, stored, persist } = this.options;
    const offered = plan.status === 'ready' && plan.plan.kind === 'package';
    const address = offered && request.base.kind === 'remote' ? request.base.address : null;
    const known = state.packages?.map(({ id }) => id) ?? null;
    const id = form.resume?.id ?? null;
    this.store.set({ importNote: null, folderNote: null });
    void persist().catch(() => undefined); // if refused, the browser may delete the model some day
    try {
      const made = await jobs.work(address === null ? 'import' : 'download', id, (onProgress) =>
        address === null
          ? client.start(request, tokenOf(form), id, onProgress)
          : client.download(address, tokenOf(form), id, onProgress),
      );
      // The form takes the token with it.
      this.store.set({ form: emptyForm(), plan: { status: 'none' } });
      const loaded = stored.use(made);
      stored.note(made.id, { kind: address === null ? 'imported' : 'downloaded', loaded });
      await list.changed();
    } catch (thrown) {
      this.store.set({ importNote: noteOf(thrown) });
      await list.changed();
      if (this.store.getState().form === form) {
        this.options.form.change({ resume: this.goOn(form, known) });
      }
      await this.options.form.replan();
    }
  }

  /**
   * Continues a partial package: at once if its sources are readable, else the form shows the sources to choose again.
   * Needs a click, since reading a folder of an earlier visit needs permission.
   */
  async resume(stored: StoredPackage): Promise<void> {
    const state = this.store.getState();
    const form = state.form.resume?.id === stored.id ? state.form : formOf(stored);
    if (form === null || state.job !== null) return;
    this.store.set({ form, importNote: null, folderNote: null });
    await this.options.form.allow();
    // The plan comes first. It writes nothing, so a missing access token has no consequences.
    if (canImport(this.store.getState())) await this.start();
  }

  /** The partial package that a failed import can continue; null if none of it was kept. */
  private goOn({ resume }: ImportForm, known: string[] | null): ImportForm['resume'] {
    const { packages } = this.store.getState();
    const partial = packages?.filter(({ state }) => state === 'partial') ?? [];
    const one = resume
      ? partial.find(({ id }) => id === resume.id)
      : partial.find(({ id }) => known !== null && !known.includes(id));
    return one === undefined ? null : { id: one.id, name: one.name, bytes: one.bytes };
  }
}
