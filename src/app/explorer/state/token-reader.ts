import type { Writable } from '../../state/store.ts';
import type { AppAccess, ExploreClient } from './app-access.ts';
import type { ExplorerState } from './explorer-state.ts';
import type { PairScorer } from './pair-scorer.ts';

/** Reads the tokens of the pair while they are shown. */
export class TokenReader {
  private readonly store: Writable<ExplorerState, 'tokens'>;
  private readonly app: Pick<AppAccess, 'getState'>;
  private readonly client: Pick<ExploreClient, 'readTokens'>;
  private readonly scorer: Pick<PairScorer, 'question'>;

  /** @param scorer knows the latest question about the pair. */
  constructor(
    store: Writable<ExplorerState, 'tokens'>,
    app: Pick<AppAccess, 'getState'>,
    client: Pick<ExploreClient, 'readTokens'>,
    scorer: Pick<PairScorer, 'question'>,
  ) {
    this.store = store;
    this.app = app;
    this.client = client;
    this.scorer = scorer;
  }

  /** Shows the tokens of one order, or hides them. */
  show(change: { swapped?: boolean; isWanted?: boolean }): void {
    this.store.set({ tokens: { ...this.store.getState().tokens, ...change, seen: null } });
    void this.read();
  }

  /** Reads the tokens of the present pair if they are wanted. */
  async read(): Promise<void> {
    const { question } = this.scorer;
    const { pair, tokens } = this.store.getState();
    const { model, settings } = this.app.getState();
    if (!tokens.isWanted || model.status !== 'ready') return;
    const { swapped } = tokens;
    try {
      const seen = await this.client.readTokens({ pair, swapped, settings });
      const current = this.store.getState().tokens;
      if (!question.isLatest || swapped !== current.swapped) return;
      this.store.set({ tokens: { ...current, seen } });
    } catch {
      // Scoring uses the same tokenizer, and reports its errors.
    }
  }
}
