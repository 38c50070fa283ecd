import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { Cost } from '../../scoring/rows/cost-model.ts';
import type { Readable } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import { readCost, readCostOfLargest, writeCost } from './known-costs.ts';
import { type Rate, rateOfRun } from './rate.ts';
import type { AppState } from './state.ts';

/** How fast models ran on this computer, as earlier runs showed. */
export class KnownSpeed {
  private readonly app: Pick<Readable<AppState>, 'getState'>;
  private readonly storage: PageStorage | null;
  private readonly measurements = new WeakMap<ModelInfo, Rate>();

  constructor(app: Pick<Readable<AppState>, 'getState'>, storage: PageStorage | null) {
    this.app = app;
    this.storage = storage;
  }

  /** What work cost in the last run of the chosen model where it computes now; null where that is not known. */
  cost(): Cost | null {
    const { model, adapters } = this.app.getState();
    return model.status === 'ready' ? readCost(this.storage, model.info, adapters.length) : null;
  }

  /** How fast the last runs were where the chosen model computes; null where that is not known. */
  rate(): Rate | null {
    const { model } = this.app.getState();
    if (model.status !== 'ready') return null;
    const known = readCostOfLargest(this.storage, model.info);
    return known && rateOfRun(known.cost, known.flops, model.info.engine);
  }

  /** What a short measurement said of the loaded model; null where there was none. */
  measured(): Rate | null {
    const { model } = this.app.getState();
    return model.status === 'ready' ? (this.measurements.get(model.info) ?? null) : null;
  }

  /** Keeps a short measurement as long as the model is loaded. */
  keep(model: ModelInfo, rate: Rate): void {
    this.measurements.set(model, rate);
  }

  /** Keeps what work cost in a run of the chosen model that has just ended. */
  note(cost: Cost): void {
    const { model, adapters } = this.app.getState();
    if (model.status === 'ready') writeCost(this.storage, model.info, adapters.length, cost);
  }
}
