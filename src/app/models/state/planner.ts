import { asTiebreakError } from '../../../domain/errors.ts';
import type { ImportRequest } from '../../../packages/api.ts';
import type { PackagesClient } from '../../../packages/client.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import type { PlanReport } from './packages-state.ts';

/** Plans imports, one at a time. Only the latest request matters; an earlier one is stopped. */
export class Planner {
  private readonly client: Pick<PackagesClient, 'plan' | 'cancel'>;
  private readonly report: (plan: PlanReport) => void;
  private readonly asks = new LatestCall();
  private running: Promise<void> | null = null;

  constructor(client: Pick<PackagesClient, 'plan' | 'cancel'>, report: (plan: PlanReport) => void) {
    this.client = client;
    this.report = report;
  }

  /** Plans an import; null for none. */
  async ask(request: ImportRequest | null, token: string | null): Promise<void> {
    const call = this.asks.begin();
    this.report({ status: request === null ? 'none' : 'asking' });
    await this.stop();
    if (request === null || !call.isLatest) return;
    const asked = this.client.plan(request, token);
    this.running = asked
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.running = null;
      });
    try {
      const plan = await asked;
      if (call.isLatest) this.report({ status: 'ready', plan });
    } catch (thrown) {
      if (call.isLatest) this.report({ status: 'failed', error: asTiebreakError(thrown) });
    }
  }

  /** Stops planning, so that the worker is free for another job. */
  async halt(): Promise<void> {
    this.asks.giveUp();
    await this.stop();
  }

  private async stop(): Promise<void> {
    if (this.running === null) return;
    void this.client.cancel().catch(() => undefined); // a dead worker has stopped too
    await this.running;
  }
}
