import { asTiebreakError } from '../../../domain/errors.ts';
import type { PackagesClient } from '../../../packages/client.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import type { Writable } from '../../state/store.ts';
import type { PageStorage } from '../../ui/files/page-storage.ts';
import { expectPackages, forgetPackage, lostPackages } from './packages-hint.ts';
import type { PackagesState } from './packages-state.ts';

type Fields = 'packages' | 'listError' | 'lost';

/** Milliseconds between two checks of packages that another tab, or this one before a reload, is writing. */
const BUSY_MS = 3000;

interface PackageListOptions {
  client: Pick<PackagesClient, 'list'>;
  storage: PageStorage | null;
  /** Tells other tabs that the stored packages have changed. */
  announce?: () => void;
}

/** The list of stored packages, and the hint about them for the next visit. */
export class PackageList {
  private readonly store: Writable<PackagesState, Fields>;
  private readonly options: PackageListOptions;
  private readonly reads = new LatestCall();
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Writable<PackagesState, Fields>, options: PackageListOptions) {
    this.store = store;
    this.options = options;
  }

  /** Reads the list of stored packages. */
  async refresh(): Promise<void> {
    const { client, storage } = this.options;
    const call = this.reads.begin();
    try {
      const packages = await client.list();
      if (!call.isLatest) return;
      const lost = [...this.store.getState().lost, ...lostPackages(storage, packages)];
      expectPackages(storage, packages);
      this.store.set({ packages, listError: null, lost });
      this.lookAgain();
    } catch (thrown) {
      if (call.isLatest) this.store.set({ listError: asTiebreakError(thrown) });
    }
  }

  /** Reads the list again and tells other tabs to do so. */
  async changed(): Promise<void> {
    this.options.announce?.();
    await this.refresh();
  }

  /** Records that the user deleted a package, so that the next visit does not report it as lost. */
  forget(id: string): void {
    forgetPackage(this.options.storage, id);
  }

  /**
   * Records for the next visit that a package has been begun, since the visit may end before the package is complete.
   * The list on the page does not change: the form shows the progress.
   */
  async noteBegun(): Promise<void> {
    this.options.announce?.();
    const packages = await this.options.client.list().catch(() => null);
    if (packages !== null && this.store.getState().job !== null) {
      expectPackages(this.options.storage, packages);
    }
  }

  /**
   * A tab that was closed while writing a package tells no other, so the list is read until foreign writers have ended.
   */
  private lookAgain(): void {
    clearTimeout(this.looking);
    const { packages, job } = this.store.getState();
    const others = job === null && packages?.some(({ state }) => state === 'busy');
    if (others) this.looking = setTimeout(() => void this.refresh(), BUSY_MS);
  }
}
