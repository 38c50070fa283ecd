import type { BuildProgress } from '../../../import/build.ts';
import type { StoredPackage } from '../../../packages/api.ts';
import type { PackagesClient } from '../../../packages/client.ts';
import type { ModelSource } from '../../../scoring/lanes/model-source.ts';
import type { Writable } from '../../state/store.ts';
import { newFolder } from '../../ui/files/file-system.ts';
import type { ImportEditor } from './import-editor.ts';
import { adapterName, tokenOf } from './import-form.ts';
import type { PackageJobs } from './package-jobs.ts';
import type { PackageList } from './package-list.ts';
import { type Note, noteOf, type PackagesState } from './packages-state.ts';

/** Notes after successful work on a stored package. */
const DONE = { verify: 'verified', repair: 'repaired', export: 'exported' } as const;

interface StoredPackagesOptions {
  client: Pick<PackagesClient, 'verify' | 'repair' | 'exportTo' | 'files' | 'remove'>;
  list: PackageList;
  jobs: PackageJobs;
  /** The form of imports, which plans again after a job and when space is freed. */
  form: ImportEditor;
  /** Loads a model for scoring; false if that is impossible now. */
  load: (source: ModelSource) => boolean;
  /** Unloads a stored package that will be deleted or repaired. Rejects if another page has loaded it. */
  release: (id: string) => Promise<void>;
}

/** The operations on stored packages, and their outcomes. */
export class StoredPackages {
  private readonly store: Writable<PackagesState, 'notes'>;
  private readonly options: StoredPackagesOptions;

  constructor(store: Writable<PackagesState, 'notes'>, options: StoredPackagesOptions) {
    this.store = store;
    this.options = options;
  }

  /** Loads a stored package for scoring; false if that is impossible now. */
  use({ id, name }: StoredPackage): boolean {
    return this.options.load({ kind: 'stored', id, name });
  }

  /** Compares every file of a package with its sha256. */
  async verify(id: string): Promise<void> {
    await this.task('verify', id, (onProgress) => this.options.client.verify(id, onProgress));
  }

  /** Fetches the damaged parts of a downloaded package again, with the token of the form, the only one there is. */
  async repair(id: string): Promise<void> {
    const { client, list, release } = this.options;
    if (this.isBusy) return;
    await release(id).catch(() => undefined); // the repair itself reports a package in use
    await this.task('repair', id, (onProgress) =>
      client.repair(id, tokenOf(this.store.getState().form), onProgress).then(() => undefined),
    );
    await list.changed();
  }

  /** Copies a package into a new folder inside the chosen one; null if the user chose none. */
  async exportTo(
    { id, name }: StoredPackage,
    choice: Promise<FileSystemDirectoryHandle | null>,
  ): Promise<void> {
    try {
      const parent = await choice;
      if (parent === null || this.isBusy) return;
      await this.task('export', id, async (onProgress) => {
        const folder = await newFolder(parent, adapterName(name, []));
        await this.options.client.exportTo(id, folder, onProgress);
      });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
  }

  /** Shows the files of a package for saving one by one, for browsers without folders; hides them again. */
  async showFiles(id: string): Promise<void> {
    if (this.store.getState().notes[id]?.kind === 'files') {
      this.note(id, null);
      return;
    }
    try {
      this.note(id, { kind: 'files', files: await this.options.client.files(id) });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
  }

  /** Deletes a package. */
  async remove(id: string): Promise<void> {
    const { client, list, form, release } = this.options;
    if (this.store.getState().job?.id === id) return;
    this.note(id, { kind: 'deleting' }); // loading another model first can take a while
    try {
      await release(id);
      await client.remove(id);
      list.forget(id);
      if (this.store.getState().form.resume?.id === id) form.startAnew();
      this.note(id, null);
      await list.changed();
    } catch (thrown) {
      this.note(id, noteOf(thrown));
      await list.refresh();
    }
    await form.replan(); // the deletion freed space
  }

  /** Sets the outcome shown at a package; null removes it. */
  note(id: string, note: Note | null): void {
    const { [id]: _, ...others } = this.store.getState().notes;
    this.store.set({ notes: note === null ? others : { ...others, [id]: note } });
  }

  private get isBusy(): boolean {
    return this.store.getState().job !== null;
  }

  private async task(
    kind: keyof typeof DONE,
    id: string,
    start: (onProgress: (progress: BuildProgress) => void) => Promise<void>,
  ): Promise<void> {
    if (this.isBusy) return;
    this.note(id, null);
    try {
      await this.options.jobs.work(kind, id, start);
      this.note(id, { kind: DONE[kind] });
    } catch (thrown) {
      this.note(id, noteOf(thrown));
    }
    await this.options.form.replan();
  }
}
