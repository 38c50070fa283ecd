import { aborted } from '../../../domain/errors.ts';
import type { BuildProgress } from '../../../import/build.ts';
import type { PackagesClient } from '../../../packages/client.ts';
import type { Writable } from '../../state/store.ts';
import { JobMeter } from './job-meter.ts';
import type { PackageList } from './package-list.ts';
import type { Job, PackagesState } from './packages-state.ts';
import type { Planner } from './planner.ts';

/** Milliseconds between two updates of the shown progress. */
const DRAW_MS = 200;

/** Jobs of the packages worker, one at a time, with their progress. */
export class PackageJobs {
  private readonly store: Writable<PackagesState, 'job'>;
  private readonly client: Pick<PackagesClient, 'cancel'>;
  private readonly planner: Planner;
  private readonly list: PackageList;

  constructor(
    store: Writable<PackagesState, 'job'>,
    client: Pick<PackagesClient, 'cancel'>,
    planner: Planner,
    list: PackageList,
  ) {
    this.store = store;
    this.client = client;
    this.planner = planner;
    this.list = list;
  }

  /**
   * Runs a job and shows its progress. Stops a plan in progress first, because the worker does one job at a time.
   * @param id of the stored package; null for a new one.
   * @throws the error of the job, also if it is cancelled
   */
  async work<T>(
    kind: Job['kind'],
    id: string | null,
    start: (onProgress: (progress: BuildProgress) => void) => Promise<T>,
  ): Promise<T> {
    const meter = new JobMeter();
    this.store.set({ job: { kind, id, cancelling: false, progress: null } });
    try {
      await this.planner.halt();
      if (this.store.getState().job?.cancelling) throw aborted();
      return await start((progress) => {
        const { job } = this.store.getState();
        if (job === null) return;
        const isWriting = kind !== 'verify' && kind !== 'export';
        if (job.progress === null && isWriting) void this.list.noteBegun();
        this.store.setSoon({ job: { ...job, progress: meter.take(progress) } }, DRAW_MS);
      });
    } finally {
      this.store.set({ job: null });
    }
  }

  /** Stops the running job. The page shows it at once; the worker follows within a second. */
  async cancel(): Promise<void> {
    const { job } = this.store.getState();
    if (job === null || job.cancelling) return;
    this.store.set({ job: { ...job, cancelling: true } });
    await this.client.cancel().catch(() => undefined); // a dead worker has stopped too
  }
}
