import { aborted, asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import { LatestCall } from '../../rpc/latest.ts';
import type { ModelInfo, ModelRequest } from '../../scoring/lanes/model-request.ts';
import type { ModelSource } from '../../scoring/lanes/model-source.ts';
import type { RunClient } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import {
  isLost,
  type LastModelNote,
  readLastModel,
  sourceOfLast,
  takesLong,
  writeLastModel,
} from './last-model.ts';
import { writeWishes } from './settings-storage.ts';
import { type AppState, isRunning, type ModelWishes } from './state.ts';
import type { WorkerGuard } from './worker-guard.ts';

type Fields = 'model' | 'lastModel' | 'wishes' | 'planned' | 'adapters';

interface ModelLoaderOptions {
  client: Pick<RunClient, 'loadModel' | 'planModel'>;
  storage: PageStorage | null;
  worker: WorkerGuard;
  /** The model that the page ships and opens with. */
  embedded: ModelSource;
}

/** The choice of model, its options, its memory plan, and its loading. */
export class ModelLoader {
  private readonly app: Writable<AppState, Fields>;
  private readonly options: ModelLoaderOptions;
  private source: ModelSource;
  private readonly loads = new LatestCall();
  private readonly plans = new LatestCall();
  private loading: Promise<unknown> = Promise.resolve();

  constructor(app: Writable<AppState, Fields>, options: ModelLoaderOptions) {
    this.app = app;
    this.options = options;
    this.source = options.embedded;
  }

  /** The model that the page ships. */
  get embedded(): ModelSource {
    return this.options.embedded;
  }

  /** True if the chosen model is the embedded one. */
  get isEmbedded(): boolean {
    return this.source === this.embedded;
  }

  /** Id of the stored package that is chosen; null for any other model. */
  get storedId(): string | null {
    return this.source.kind === 'stored' ? this.source.id : null;
  }

  /**
   * Loads the model of the last visit: at once or, if that takes long, after asking the user. If the page cannot find
   * it, it loads the embedded model and notes so in the state.
   */
  async openLast(): Promise<void> {
    const last = readLastModel(this.options.storage);
    if (last === null) return this.load();
    const source = sourceOfLast(last);
    if (source === null) return this.fallBack({ kind: 'folder', name: last.name });
    if (!takesLong(last)) return this.restore(source, last.name);
    this.source = source;
    this.app.set({ model: { status: 'asking', last } });
    return this.plan();
  }

  /** Loads the model about which the page asked the user. */
  async loadAsked(): Promise<void> {
    const { model } = this.app.getState();
    if (model.status === 'asking') await this.restore(this.source, model.last.name);
  }

  /** Loads a model; without `source` the chosen one again. Cancels a load that is under way. */
  async load(source: ModelSource = this.source): Promise<void> {
    const { model, csv, ...state } = this.app.getState();
    if (isRunning(state)) return;
    const call = this.loads.begin();
    const previous = model.status === 'loading' ? this.loading : null;
    this.source = source;
    this.app.set({ model: { status: 'loading', progress: null }, lastModel: null });
    // Cancelling in the worker would also stop the reading of a file, so then the load waits.
    if (previous !== null && call.number > 1 && csv.status !== 'reading') {
      void this.options.worker.stop();
    }
    await previous;
    if (!call.isLatest) return;
    this.app.set({ planned: null });
    void this.plan();
    const loading = this.options.client.loadModel(this.request(), (progress) => {
      if (call.isLatest && this.app.getState().model.status === 'loading') {
        this.app.set({ model: { status: 'loading', progress } });
      }
    });
    this.loading = loading.catch(() => undefined);
    try {
      const info = await loading;
      if (!call.isLatest) return;
      this.take(info);
    } catch (thrown) {
      if (!call.isLatest) return;
      const error = asTiebreakError(thrown);
      // Only the cancelling of something else can have hit the latest load.
      if (error.code === aborted().code) return this.load();
      this.app.set({ model: { status: 'failed', error } });
      this.options.worker.noticeDeath(error);
    }
  }

  /**
   * Opens a package beside the loaded model. Returns the reason why it cannot be opened, or null; only loading can show
   * if it fits.
   */
  async inspect(source: ModelSource): Promise<TiebreakError | null> {
    try {
      await this.options.client.planModel({ ...this.request(), source, load: undefined });
      return null;
    } catch (thrown) {
      return asTiebreakError(thrown);
    }
  }

  /** Plans the memory of the chosen model. A model that cannot be read gets no plan; loading it reports the error. */
  async plan(): Promise<void> {
    const call = this.plans.begin();
    const { model, adapters } = this.app.getState();
    const known = model.status === 'ready' ? adapters : undefined;
    const planned = await this.options.client.planModel(this.request(), known).catch(() => null);
    if (call.isLatest) this.app.set({ planned });
  }

  /** Changes device, precision, executor, GPUs or their budgets, and loads the model again. */
  setWishes(change: Partial<ModelWishes>): Promise<void> {
    const state = this.app.getState();
    if (isRunning(state)) return Promise.resolve();
    const wishes = { ...state.wishes, ...change };
    this.app.set({ wishes });
    writeWishes(this.options.storage, wishes);
    return state.model.status === 'asking' ? this.plan() : this.load();
  }

  /** Chooses the adapters of the next run; null stands for the base model alone. */
  setAdapters(adapters: (string | null)[]): void {
    if (isRunning(this.app.getState())) return;
    this.app.set({ adapters });
    void this.plan();
  }

  /** Keeps the chosen adapters if this model has them all, else chooses its first. */
  private take(info: ModelInfo): void {
    const names = info.adapters.map(({ name }) => name);
    const { adapters } = this.app.getState();
    const known = adapters.every((name) => name !== null && names.includes(name));
    this.app.set({
      model: { status: 'ready', info },
      adapters: known ? adapters : [names[0] ?? null],
    });
    writeLastModel(this.options.storage, this.source, this.embedded, info);
    // The adapters, and with them the memory of the model, are known only now.
    void this.plan();
  }

  private async restore(source: ModelSource, name: string): Promise<void> {
    await this.load(source);
    const { model } = this.app.getState();
    if (this.source !== source || model.status !== 'failed' || !isLost(model.error)) return;
    await this.fallBack({ kind: 'lost', name, error: model.error });
  }

  private fallBack(lastModel: LastModelNote): Promise<void> {
    const loading = this.load(this.embedded);
    this.app.set({ lastModel });
    return loading;
  }

  private request(): ModelRequest {
    const { wishes, settings } = this.app.getState();
    const { device, ...others } = wishes;
    return {
      source: this.source,
      load: this.loads.number,
      ...others,
      device: device === 'auto' ? undefined : device,
      maxLength: settings.maxLength,
    };
  }
}
