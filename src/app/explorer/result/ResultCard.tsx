import './result.css';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { type ClassPlace, mostLikely } from '../../../domain/classes.ts';
import { classesOf, type Reading } from '../../../domain/reading.ts';
import { firstAdvantage, type OrderScores, orderGap } from '../../../stats/pair/order-scores.ts';
import { probability, sentences } from '../../i18n/format.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { useApp } from '../../page/context.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import type { ExplorerState, Score } from '../state/explorer-state.ts';
import { useReading } from '../state/use-reading.ts';
import { words } from '../text/strings.ts';
import { Headline, headline } from './Headline.tsx';
import { AdapterRewards, RewardTable, rewardsAnnouncement } from './Rewards.tsx';
import { ScoreFacts } from './ScoreFacts.tsx';
import { LogitsPlace, ScorePlace } from './ScorePlace.tsx';
import { type ShownScores, useShownScores } from './use-shown.ts';

const texts = words.result;
const KINDS = ['a', 'b', 'tie'] as const;
const ORDERS = ['forward', 'swapped', 'mean'] as const;
/** Milliseconds without a change after which a score is announced to screen readers. */
const ANNOUNCE_MS = 1200;

/** Shows the model's answer about the pair. */
export function ResultCard() {
  const store = useExplorerStore();
  const score = useExplorer((state) => state.score);
  const scoring = useExplorer((state) => state.scoring);
  const error = useExplorer((state) => state.error);
  const used = useApp((state) => (state.settings.tta ? 'mean' : 'forward'));
  const hasNoModel = useApp((state) => state.model.status === 'failed');
  const shown = useShownScores();
  const reading = useReading();
  const isReward = reading === 'reward';
  return (
    <section className="card" aria-labelledby="score-heading">
      <h3 id="score-heading">{texts.heading}</h3>
      <Headline shown={shown} />
      {isReward ? (
        <RewardTable scores={shown.kind === 'whole' ? shown.scores : null} />
      ) : (
        <OrderTable shown={shown} used={used} classes={classesOf(reading)} />
      )}
      <p className="help score-status">
        {hasNoModel ? texts.noModel : statusText(scoring, score?.seconds)}
      </p>
      {error !== null && (
        <ErrorNote error={error}>
          <Button className="button" onPress={() => store.scores.retry()}>
            {texts.retry}
          </Button>
        </ErrorNote>
      )}
      {!isReward && <Gap scores={shown.kind === 'whole' ? shown.scores : null} />}
      <Announcer shown={shown} />
      {score === null ? (
        error === null && !hasNoModel && <ScorePlace />
      ) : (
        <>
          <Notice text={noticesText(score.notices, score.engine.reading)} />
          {shown.kind === 'whole' ? (
            <Logits scores={shown.scores} reading={score.engine.reading} />
          ) : (
            <LogitsPlace />
          )}
          <ScoreFacts {...score} text={longer(score)} />
        </>
      )}
    </section>
  );
}

/** The text whose tokens count: of a reward model the longer conversation, else that of the pair's order. */
function longer({ engine, facts: [forward, swapped] }: Score) {
  return engine.reading === 'reward' && swapped.length > forward.length ? swapped : forward;
}

function statusText(scoring: ExplorerState['scoring'], seconds: number | undefined): string {
  if (scoring !== 'done') return texts.status[scoring];
  return texts.done((seconds ?? 0) * 1000);
}

/** A table of both orders and their mean, by class. */
function OrderTable(props: {
  shown: ShownScores;
  used: 'mean' | 'forward';
  classes: readonly ClassPlace[];
}) {
  const { shown, used, classes } = props;
  const scores: Partial<OrderScores> = 'scores' in shown ? shown.scores : {};
  return (
    <table className="orders">
      <caption className="hidden">
        {texts.caption}. {texts.runGives(texts[used])}
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
        {classes.map((c) => (
          <tr key={c} className={`cell-${KINDS[c]}`}>
            <th scope="row">{texts.classes[c]}</th>
            {ORDERS.map((order) => (
              <OrderCell
                key={order}
                value={scores[order]?.[c]}
                isNamed={namedIn(shown, order) === c}
                isUsed={order === used}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The class that a column names: its most probable one; for the mean that of the verdict. */
function namedIn(shown: ShownScores, order: (typeof ORDERS)[number]): number | null {
  if (!('scores' in shown)) return null;
  if (shown.kind === 'half') return order === 'forward' ? mostLikely(shown.scores.forward) : null;
  if (order !== 'mean') return mostLikely(shown.scores[order]);
  return shown.verdict.kind === 'class' ? shown.verdict.place : null;
}

function OrderCell(props: { value: number | undefined; isNamed: boolean; isUsed: boolean }) {
  const { value, isNamed, isUsed } = props;
  return (
    <td className={isUsed ? 'orders-used' : undefined}>
      <span className="p">
        <span className={isNamed ? 'p-value p-largest' : 'p-value'} title={value?.toString()}>
          {value === undefined ? texts.none : probability(value)}
        </span>
        <span className="p-bar" aria-hidden="true">
          <span style={{ transform: `scaleX(${value ?? 0})` }} />
        </span>
      </span>
    </td>
  );
}

/** Shows the effect of the order of the answers. */
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
  return mostLikely(scores.forward) === mostLikely(scores.swapped)
    ? says
    : sentences(says, texts.flips);
}

function Logits({ scores, reading }: { scores: OrderScores; reading: Reading }) {
  if (reading === 'reward') return <AdapterRewards scores={scores} />;
  const classes = classesOf(reading);
  const names = [texts.first, texts.second, texts.classes[2]];
  return (
    <details className="advanced">
      <summary>{texts.logits}</summary>
      <p className="help">{texts.logitsHelp}</p>
      {scores.logits.map(({ adapter, forward, swapped }) => (
        <table key={adapter ?? ''} className="orders logits">
          <caption>{texts.logitsOf(adapter ?? words.facts.noAdapter)}</caption>
          <thead>
            <tr>
              <td />
              {classes.map((c) => (
                <th key={c} scope="col">
                  {names[c]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[
              { name: texts.forward, values: forward },
              { name: texts.swapped, values: swapped },
            ].map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {classes.map((c) => (
                  <td key={c}>{values[c]!.toFixed(4)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </details>
  );
}

/** Announces the score to screen readers, but not at every key. */
function Announcer({ shown }: { shown: ShownScores }) {
  const [told, setTold] = useState('');
  const text = announcement(shown);
  useEffect(() => {
    const timer = setTimeout(() => setTold(text), ANNOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p className="hidden" role="status">
      {told}
    </p>
  );
}

function announcement(shown: ShownScores): string {
  if (shown.kind === 'empty') return headline(shown);
  if (shown.kind !== 'whole') return '';
  const { scores, score } = shown;
  if (score.engine.reading === 'reward') return rewardsAnnouncement(headline(shown), scores);
  const [a, b, tie] = scores.mean.map((p) => probability(p));
  return texts.announce(headline(shown), a!, b!, tie!, probability(orderGap(scores)));
}
