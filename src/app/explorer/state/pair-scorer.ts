import { asTiebreakError, type TiebreakError } from '../../../domain/errors.ts';
import { labelsOf, type Reading } from '../../../domain/reading.ts';
import type { Pair } from '../../../domain/settings.ts';
import { type Call, LatestCall } from '../../../rpc/latest.ts';
import type { Explored, ExploreRequest } from '../../../scoring/worker/explore-api.ts';
import { type OrderScores, orderScores } from '../../../stats/pair/order-scores.ts';
import type { ExploreClient } from './app-access.ts';

/** Adapters and settings of a score, and the model's reading. */
type Means = Pick<ExploreRequest, 'adapters' | 'settings'> & { reading: Reading };

/** Characters above which the two orders of a pair are scored one after the other. */
const LONG_PAIR = 800;

/**
 * Asks the run worker for scores. Only the latest question counts: the answer to an earlier one is null, and so is one
 * that the worker cancelled.
 */
export class PairScorer {
  private readonly client: Pick<ExploreClient, 'explore' | 'stopExploring'>;
  private readonly onFailure: (error: TiebreakError) => void;
  private readonly questions = new LatestCall();
  private latest = this.questions.begin();
  private inFlight = false;

  /** @param onFailure receives the error of the latest question. */
  constructor(
    client: Pick<ExploreClient, 'explore' | 'stopExploring'>,
    onFailure: (error: TiebreakError) => void,
  ) {
    this.client = client;
    this.onFailure = onFailure;
  }

  /** The latest question. It stays the latest until {@link giveUp}. */
  get question(): Call {
    return this.latest;
  }

  /** Begins a new question; everything asked so far is no longer wanted. */
  giveUp(): void {
    this.latest = this.questions.begin();
    if (!this.inFlight) return;
    this.inFlight = false;
    // Frees the device before the user stops typing.
    void this.client.stopExploring().catch(() => undefined);
  }

  /**
   * Scores both orders of a pair. For a long pair the displayed order comes first, so that half the result appears in
   * half the time. Half of the rewards of a pair say nothing, so these come together.
   * @param onFirst receives the first answer, whole or half.
   */
  async both(
    pair: Pair,
    { reading, ...means }: Means,
    onFirst: (answer: Explored, isHalf: boolean) => void,
  ): Promise<Explored | null> {
    const texts = bothOrders(pair);
    if (reading === 'reward' || charactersOf(pair) < LONG_PAIR) {
      const answer = await this.explore({ texts, ...means });
      if (answer !== null) onFirst(answer, false);
      return answer;
    }
    const one = await this.explore({ texts: texts.slice(0, 1), ...means });
    if (one === null) return null;
    onFirst(one, true);
    const other = await this.explore({ texts: texts.slice(1), ...means });
    return other && joined(one, other);
  }

  /** Scores pairs in both orders, as the mean of the adapters. */
  async all(pairs: readonly Pair[], { reading, ...means }: Means): Promise<OrderScores[] | null> {
    const answer = await this.explore({ texts: pairs.flatMap(bothOrders), ...means });
    return (
      answer &&
      pairs.map((_, i) =>
        orderScores(answer.logits, answer.adapters, means.adapters, 2 * i, 2 * i + 1, reading),
      )
    );
  }

  private async explore(request: ExploreRequest): Promise<Explored | null> {
    const { question } = this;
    this.inFlight = true;
    try {
      const answer = await this.client.explore(request);
      return question.isLatest ? answer : null;
    } catch (thrown) {
      if (!question.isLatest) return null;
      const error = asTiebreakError(thrown);
      // Another model is loading, or a run has begun; the page reacts to both by itself.
      if (error.code !== 'run/cancelled' && error.code !== 'explore/busy') this.onFailure(error);
      return null;
    } finally {
      if (question.isLatest) this.inFlight = false;
    }
  }
}

/** Joins two answers of one question, each about one text. */
function joined(one: Explored, other: Explored): Explored {
  const labels = labelsOf(one.engine.reading);
  const logits = one.adapters.flatMap((_, a) => [
    ...one.logits.subarray(labels * a, labels * (a + 1)),
    ...other.logits.subarray(labels * a, labels * (a + 1)),
  ]);
  return {
    ...one,
    logits: Float32Array.from(logits),
    facts: [...one.facts, ...other.facts],
    seconds: one.seconds + other.seconds,
  };
}

function charactersOf({ prompt, responseA, responseB }: Pair): number {
  return [...prompt, ...responseA, ...responseB].reduce((sum, { length }) => sum + length, 0);
}

function bothOrders(pair: Pair) {
  return [
    { pair, swapped: false },
    { pair, swapped: true },
  ];
}
