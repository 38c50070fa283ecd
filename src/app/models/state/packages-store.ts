import type { PackagesClient } from '../../../packages/client.ts';
import type { ModelSource } from '../../../scoring/lanes/model-source.ts';
import { Store } from '../../state/store.ts';
import type { PageStorage } from '../../ui/files/page-storage.ts';
import type { Folder } from '../folders/folders.ts';
import { ImportControl } from './import-control.ts';
import { ImportEditor } from './import-editor.ts';
import { PackageJobs } from './package-jobs.ts';
import { PackageList } from './package-list.ts';
import { initialPackages, type PackagesState, planAfter, type Role } from './packages-state.ts';
import { Planner } from './planner.ts';
import { StoredPackages } from './stored-packages.ts';

interface PackagesOptions {
  client: PackagesClient;
  storage: PageStorage | null;
  /** Loads a model for scoring; false if that is impossible now. */
  load: (source: ModelSource) => boolean;
  /** Unloads a stored package that will be deleted or repaired. Rejects if another page has loaded it. */
  release: (id: string) => Promise<void>;
  /** Asks the browser to keep stored packages when the disk is full. */
  persist: () => Promise<unknown>;
  /** Tells other tabs that the stored packages have changed. */
  announce?: () => void;
}

/**
 * The state of imports and stored packages, with their operations by subject. Calls never throw: an error becomes part
 * of the state, and entries stay. Only this state and calls to the worker ever hold the access token.
 */
export class PackagesStore extends Store<PackagesState> {
  readonly list: PackageList;
  readonly jobs: PackageJobs;
  readonly form: ImportEditor;
  readonly stored: StoredPackages;
  readonly imports: ImportControl;

  constructor({ client, storage, load, release, persist, announce }: PackagesOptions) {
    super(initialPackages());
    const store = { getState: this.getState, set: this.set, setSoon: this.setSoon };
    const planner = new Planner(client, (report) =>
      this.set({ plan: planAfter(this.state.plan, report) }),
    );
    this.list = new PackageList(store, { client, storage, announce });
    this.jobs = new PackageJobs(store, client, planner, this.list);
    this.form = new ImportEditor(store, planner, load);
    const { list, jobs, form } = this;
    this.stored = new StoredPackages(store, { client, list, jobs, form, load, release });
    const { stored } = this;
    this.imports = new ImportControl(store, { client, list, jobs, form, stored, persist });
  }

  /** Opens or closes the card. On opening it reads the list, which may have changed. */
  setOpen(isOpen: boolean): void {
    if (isOpen === this.state.isOpen) return;
    this.set({ isOpen });
    if (isOpen) void this.list.refresh();
  }

  /** Leads the user to the import, with a folder that was given as a package. */
  importFolder(role: Role, folder: Folder): void {
    this.setOpen(true);
    this.set({ led: this.state.led + 1 });
    void this.form.takeFolder(role, Promise.resolve(folder));
  }
}
