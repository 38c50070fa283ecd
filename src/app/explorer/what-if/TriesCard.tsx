import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import type { ClassPlace } from '../../../domain/classes.ts';
import type { Probabilities } from '../../../domain/probabilities.ts';
import { classesOf } from '../../../domain/reading.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import { probability } from '../../i18n/format.ts';
import { triesOf } from '../state/analysis.ts';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import type { Try } from '../state/explorer-state.ts';
import { useReading } from '../state/use-reading.ts';
import { points } from '../text/points.ts';
import { words } from '../text/strings.ts';

const texts = words.tries;
const KINDS = ['a', 'b', 'tie'] as const;

/** Shows ready-made changes with their effects. */
export function TriesCard() {
  const store = useExplorerStore();
  const pair = useExplorer((state) => state.pair);
  const tries = useExplorer((state) => state.tries);
  const score = useExplorer((state) => (state.score?.pair === state.pair ? state.score : null));
  const reading = useReading();
  const classes = classesOf(reading);
  const shown = useMemo(() => tries ?? triesOf(pair), [tries, pair]);
  return (
    <section className="card" aria-labelledby="tries-heading">
      <div className="card-head tries-head">
        <h3 id="tries-heading">{texts.heading}</h3>
        {tries === null && (
          <Button
            className="button button-small"
            isDisabled={score === null}
            onPress={() => store.variants.wantTries()}
          >
            {texts.start}
          </Button>
        )}
      </div>
      <div className="scroll-x">
        <table className="orders ruled tries">
          <caption className="hidden">{texts.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.change}</th>
              {classes.map((c) => (
                <th key={c} scope="col">
                  {words.result.short[c]}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <TryRow
                key={one.kind}
                one={one}
                scores={score?.scores ?? null}
                isWanted={tries !== null}
                classes={classes}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p className="help">{reading === 'reward' ? texts.helpReward : texts.help}</p>
    </section>
  );
}

function TryRow(props: {
  one: Try;
  scores: OrderScores | null;
  isWanted: boolean;
  classes: readonly ClassPlace[];
}) {
  const { one, scores, isWanted, classes } = props;
  const store = useExplorerStore();
  const { kind, pair } = one;
  const name = texts.names[kind]!;
  const [before, after] = beforeAfter(one, scores);
  return (
    <tr>
      <th scope="row">{name}</th>
      {pair === null ? (
        <td colSpan={classes.length} className="help">
          {texts.nothing}
        </td>
      ) : (
        classes.map((c) => (
          <td key={c} className={`cell-${KINDS[c]}`}>
            {before === null || after === null ? (
              <>
                <span className="try-value">{isWanted ? texts.waiting : words.result.none}</span>{' '}
                <span className="try-points">&nbsp;</span>
              </>
            ) : (
              <>
                <span className="try-value">{probability(after[c]!)}</span>{' '}
                <span className="try-points">{points(after[c]! - before[c]!)}</span>
              </>
            )}
          </td>
        ))
      )}
      <td>
        {pair !== null && (
          <Button
            className="button button-small"
            aria-label={texts.applyNamed(name)}
            onPress={() => store.tryPair(pair, name)}
          >
            {texts.use}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** The two numbers to compare: means, except for the swapped order, which does not change the mean. */
function beforeAfter(
  { kind, scores: changed }: Try,
  scores: OrderScores | null,
): [Probabilities, Probabilities] | [null, null] {
  if (scores === null) return [null, null];
  if (kind === 'exchange') return [scores.forward, scores.swapped];
  return changed === null ? [null, null] : [scores.mean, changed.mean];
}
