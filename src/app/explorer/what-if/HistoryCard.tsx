import './history.css';
import { Button } from 'react-aria-components';
import type { ClassPlace } from '../../../domain/classes.ts';
import type { Probabilities } from '../../../domain/probabilities.ts';
import { classesOf } from '../../../domain/reading.ts';
import { changesOf, type HistoryEntry, type TurnChange } from '../../../explore/history.ts';
import { probability } from '../../i18n/format.ts';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { useReading } from '../state/use-reading.ts';
import { points } from '../text/points.ts';
import { words } from '../text/strings.ts';

const texts = words.history;
const SHOWN_CHANGES = 3;
const EXCERPT = 90;

/** Lists the states of the pair, the latest first, each with its changes. */
export function HistoryCard() {
  const history = useExplorer((state) => state.history);
  return (
    <section className="card" aria-labelledby="history-heading">
      <h3 id="history-heading">{texts.heading}</h3>
      <ol className="history" reversed>
        {history
          .map((entry, i) => (
            <Entry
              key={entry.id}
              entry={entry}
              previous={history[i - 1]}
              isNow={i === history.length - 1}
            />
          ))
          .reverse()}
      </ol>
      {history.length < 2 && <p className="help">{texts.empty}</p>}
    </section>
  );
}

function Entry(props: { entry: HistoryEntry; previous: HistoryEntry | undefined; isNow: boolean }) {
  const { entry, previous, isNow } = props;
  const store = useExplorerStore();
  const { pair, mean } = entry;
  const classes = classesOf(useReading());
  const label = labelOf(entry);
  // An opened pair is unrelated to the previous one.
  const changes =
    previous === undefined || entry.step.kind === 'opened' ? [] : changesOf(previous.pair, pair);
  return (
    <li>
      <div className="history-head">
        <span className="history-label">{label}</span>
        {isNow ? (
          <span className="mark">{texts.now}</span>
        ) : (
          <Button
            className="button button-small"
            aria-label={texts.backTo(label)}
            onPress={() => store.returnTo(entry.id)}
          >
            {texts.back}
          </Button>
        )}
      </div>
      <p className="numbers history-scores">
        {mean === null
          ? texts.pending
          : classes.map((c) => `${words.result.short[c]} ${probability(mean[c])}`).join(' · ')}
      </p>
      {changes.length > 0 && mean !== null && previous?.mean != null && (
        <p className="help numbers">{changesText(mean, previous.mean, classes)}</p>
      )}
      {changes.slice(0, SHOWN_CHANGES).map((change) => (
        <Change key={`${change.part} ${change.turn}`} change={change} />
      ))}
    </li>
  );
}

function changesText(
  mean: Probabilities,
  previous: Probabilities,
  classes: readonly ClassPlace[],
): string {
  const [a, b, tie] = [0, 1, 2].map((c) => points(mean[c]! - previous[c]!));
  return classes.length === 3 ? texts.against(a!, b!, tie!) : texts.againstNoTie(a!, b!);
}

function Change({ change: { removed, added } }: { change: TurnChange }) {
  return (
    <p className="history-change">
      {removed !== '' && (
        <del>
          <span className="hidden">{texts.removed}: </span>
          {excerpt(removed)}
        </del>
      )}{' '}
      {added !== '' && (
        <ins>
          <span className="hidden">{texts.added}: </span>
          {excerpt(added)}
        </ins>
      )}
    </p>
  );
}

function labelOf({ step }: HistoryEntry): string {
  switch (step.kind) {
    case 'edit':
      return texts.edit(words.pair[step.part]);
    case 'try':
      return step.name;
    default:
      return texts[step.kind];
  }
}

function excerpt(text: string): string {
  const characters = Array.from(text);
  return characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')}…` : text;
}
