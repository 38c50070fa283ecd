import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Probabilities } from '../../core/probabilities.ts';
import { firstAdvantage, type OrderScores, orderGap, winner } from '../../explore/scores.ts';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { Notice } from '../components/Notice.tsx';
import { useApp } from '../context.ts';
import { probability } from '../format.ts';
import { useExplorer, useExplorerStore } from './explorer-context.ts';
import type { ExplorerState } from './explorer-state.ts';
import { ScoreFacts } from './ScoreFacts.tsx';
import { words } from './strings.ts';

const texts = words.result;
const KINDS = ['a', 'b', 'tie'] as const;
const ORDERS = ['forward', 'exchanged', 'mean'] as const;
/** Screen readers hear of a score once typing has rested for so long. */
const ANNOUNCE_MS = 1200;

/** The scores, or as much of them as there is. */
type Shown = Partial<OrderScores>;

/** What the model says about the pair. */
export function ResultCard() {
  const store = useExplorerStore();
  const score = useExplorer((state) => state.score);
  const scoring = useExplorer((state) => state.scoring);
  const error = useExplorer((state) => state.error);
  const tta = useApp((state) => state.settings.tta);
  const hasNoModel = useApp((state) => state.model.status === 'failed');
  const first = useExplorer(({ first, pair }) => (first?.pair === pair ? first : null));
  const scores: Shown | null =
    first === null ? (score?.scores ?? null) : { forward: first.forward };
  const used = tta ? 'mean' : 'forward';
  return (
    <section className="card score-card" aria-labelledby="score-heading">
      <h3 id="score-heading">{texts.heading}</h3>
      <Verdict probabilities={scores?.[used] ?? null} />
      <OrderTable scores={scores} used={used} />
      <p className="help score-status">
        {hasNoModel ? texts.noModel : statusText(scoring, score?.seconds)}
      </p>
      {error !== null && (
        <ErrorNote error={error}>
          <Button className="button" onPress={() => store.retry()}>
            {texts.retry}
          </Button>
        </ErrorNote>
      )}
      <Gap scores={first === null ? (score?.scores ?? null) : null} />
      <Announcer used={used} />
      {score !== null && <Notice text={score.notice} />}
      {score !== null && <Logits scores={score.scores} />}
      {score !== null && <ScoreFacts score={score} />}
    </section>
  );
}

function statusText(scoring: ExplorerState['scoring'], seconds: number | undefined): string {
  if (scoring !== 'done') return texts.status[scoring];
  return texts.done((seconds ?? 0) * 1000);
}

/** The three probabilities as one bar, and the most likely class in words. */
function Verdict({ probabilities }: { probabilities: Probabilities | null }) {
  const best = probabilities === null ? null : winner(probabilities);
  return (
    <div className="verdict">
      <p className="verdict-text">
        {best === null
          ? texts.none
          : texts.verdict(texts.classes[best], probability(probabilities![best]))}
      </p>
      <div className="verdict-bar" aria-hidden="true">
        {probabilities !== null &&
          [0, 2, 1].map((c) => (
            <span
              key={c}
              className={`verdict-part cell-${KINDS[c]}`}
              style={{ flexGrow: probabilities[c] }}
            >
              {probabilities[c]! > 0.12 ? texts.short[c] : ''}
            </span>
          ))}
      </div>
    </div>
  );
}

/** Both orders and their mean, class by class. */
function OrderTable({ scores, used }: { scores: Shown | null; used: 'mean' | 'forward' }) {
  return (
    <table className="orders">
      <caption className="hidden">
        {texts.caption}. {texts.runGives} {texts[used]}.
      </caption>
      <thead>
        <tr>
          <td />
          {ORDERS.map((order) => (
            <th key={order} scope="col" className={order === used ? 'orders-used' : undefined}>
              {texts[order]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {KINDS.map((kind, c) => (
          <tr key={kind} className={`cell-${kind}`}>
            <th scope="row">{texts.classes[c]}</th>
            {ORDERS.map((order) => (
              <OrderCell
                key={order}
                probabilities={scores?.[order] ?? null}
                place={c}
                isUsed={order === used}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OrderCell(props: { probabilities: Probabilities | null; place: number; isUsed: boolean }) {
  const { probabilities, place, isUsed } = props;
  const value = probabilities?.[place];
  const isLargest = probabilities !== null && winner(probabilities) === place;
  return (
    <td className={isUsed ? 'orders-used' : undefined}>
      <span className="p">
        <span className={isLargest ? 'p-value p-largest' : 'p-value'} title={value?.toString()}>
          {value === undefined ? texts.none : probability(value)}
        </span>
        <span className="p-bar" aria-hidden="true">
          <span style={{ transform: `scaleX(${value ?? 0})` }} />
        </span>
      </span>
    </td>
  );
}

/** What the order of the answers does. */
function Gap({ scores }: { scores: OrderScores | null }) {
  return (
    <div className="gap-block">
      <p className="gap-line">
        <span className="gap-name">{texts.gap}</span>
        <span className="gap-value numbers">
          {scores === null ? texts.none : probability(orderGap(scores))}
        </span>
      </p>
      <p className="gap-says">{scores === null ? '\u00a0' : gapText(scores)}</p>
      <p className="help">{texts.gapHelp}</p>
    </div>
  );
}

function gapText(scores: OrderScores): string {
  if (orderGap(scores) < 0.0005) return texts.gapNone;
  const first = firstAdvantage(scores);
  const points = (Math.abs(first) * 100).toFixed(1);
  const says = first >= 0 ? texts.gapFirst(points) : texts.gapSecond(points);
  return winner(scores.forward) === winner(scores.exchanged) ? says : `${says} ${texts.flips}`;
}

function Logits({ scores }: { scores: OrderScores }) {
  return (
    <details className="advanced">
      <summary>{texts.logits}</summary>
      <p className="help">{texts.logitsHelp}</p>
      {scores.logits.map(({ adapter, forward, exchanged }) => (
        <table key={adapter ?? ''} className="orders logits">
          <caption>{texts.logitsOf(adapter ?? words.facts.noAdapter)}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">{texts.first}</th>
              <th scope="col">{texts.second}</th>
              <th scope="col">{texts.classes[2]}</th>
            </tr>
          </thead>
          <tbody>
            {[
              { name: texts.forward, values: forward },
              { name: texts.exchanged, values: exchanged },
            ].map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{values[0]!.toFixed(4)}</td>
                <td>{values[1]!.toFixed(4)}</td>
                <td>{values[2]!.toFixed(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </details>
  );
}

/** Tells the score to screen readers, but not at every letter. */
function Announcer({ used }: { used: 'mean' | 'forward' }) {
  const score = useExplorer((state) => state.score);
  const [told, setTold] = useState('');
  useEffect(() => {
    if (score === null) return;
    const timer = setTimeout(() => {
      const [a, b, tie] = score.scores[used];
      const gap = probability(orderGap(score.scores));
      setTold(texts.announce(probability(a), probability(b), probability(tie), gap));
    }, ANNOUNCE_MS);
    return () => clearTimeout(timer);
  }, [score, used]);
  return (
    <p className="hidden" role="status">
      {told}
    </p>
  );
}
