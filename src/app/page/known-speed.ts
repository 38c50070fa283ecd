import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { Cost } from '../../scoring/rows/cost-model.ts';
import type { Readable } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import { readCost, readCostOfLargest, writeCost } from './known-costs.ts';
import { type Rate, rateOfRun } from './rate.ts';
import type { AppState } from './state.ts';

/** The speed of models on this computer, known from earlier runs. */
export class KnownSpeed {
  private readonly app: Pick<Readable<AppState>, 'getState'>;
  private readonly storage: PageStorage | null;
  private readonly measurements = new WeakMap<ModelInfo, Rate>();

  constructor(app: Pick<Readable<AppState>, 'getState'>, storage: PageStorage | null) {
    this.app = app;
    this.storage = storage;
  }

  /** The cost of work in the last run of the chosen model on its present devices; null if unknown. */
  cost(): Cost | null {
    const { model, adapters } = this.app.getState();
    return model.status === 'ready' ? readCost(this.storage, model.info, adapters.length) : null;
  }

  /** The speed of the last runs on the devices of the chosen model; null if unknown. */
  rate(): Rate | null {
    const { model } = this.app.getState();
    if (model.status !== 'ready') return null;
    const known = readCostOfLargest(this.storage, model.info);
    return known && rateOfRun(known.cost, known.flops, model.info.engine);
  }

  /** The result of a short measurement of the loaded model; null without one. */
  measured(): Rate | null {
    const { model } = this.app.getState();
    return model.status === 'ready' ? (this.measurements.get(model.info) ?? null) : null;
  }

  /** Keeps a short measurement until another model is loaded. */
  keep(model: ModelInfo, rate: Rate): void {
    this.measurements.set(model, rate);
  }

  /** Stores the cost of work in a run of the chosen model that has just ended. */
  note(cost: Cost): void {
    const { model, adapters } = this.app.getState();
    if (model.status === 'ready') writeCost(this.storage, model.info, adapters.length, cost);
  }
}
