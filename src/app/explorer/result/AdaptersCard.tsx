import { Switch } from 'react-aria-components';
import { classesOf, type Reading } from '../../../domain/reading.ts';
import type { OrderScores } from '../../../stats/pair/order-scores.ts';
import { orderGap, rewardsOf } from '../../../stats/pair/order-scores.ts';
import { hasSameAnswers, verdictOf } from '../../../stats/pair/verdict.ts';
import { probability, signedReward } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { useReading } from '../state/use-reading.ts';
import { words } from '../text/strings.ts';

const texts = words.compare;
const KINDS = ['a', 'b', 'tie'] as const;

/** Shows the answer of each adapter of the model; nothing for a single adapter. */
export function AdaptersCard() {
  const store = useExplorerStore();
  const compares = useExplorer((state) => state.compares);
  const score = useExplorer((state) => state.score);
  const chosen = useApp((state) => state.adapters);
  const choices = useApp(({ model }) =>
    model.status === 'ready' ? model.info.adapters.length + Number(model.info.baseHasHead) : 0,
  );
  const reading = useReading();
  if (choices < 2) return null;
  const compared = score?.compared ?? [];
  const isReward = reading === 'reward';
  return (
    <section className="card" aria-labelledby="compare-heading">
      <h3 id="compare-heading">{texts.heading}</h3>
      <Switch
        className="switch"
        isSelected={compares}
        onChange={(wanted) => store.scores.setCompares(wanted)}
      >
        <span className="switch-track" aria-hidden="true" />
        {texts.toggle}
      </Switch>
      {compares && compared.length > 0 && (
        <div className="scroll-x">
          <table className="orders ruled">
            <caption className="hidden">{isReward ? texts.captionReward : texts.caption}</caption>
            <thead>
              <tr>
                <th scope="col">{texts.adapter}</th>
                {classesOf(reading).map((c) => (
                  <th key={c} scope="col">
                    {words.result.short[c]}
                  </th>
                ))}
                <th scope="col">{isReward ? strings.reading.margin : words.result.gap}</th>
              </tr>
            </thead>
            <tbody>
              {compared.map(({ adapter, scores }) => (
                <AdapterRow
                  key={adapter ?? ''}
                  name={adapter ?? words.facts.noAdapter}
                  isChosen={chosen.includes(adapter)}
                  scores={scores}
                  reading={reading}
                  areIdentical={hasSameAnswers(score!.pair)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="help">{isReward ? texts.helpReward : texts.help}</p>
    </section>
  );
}

function AdapterRow(props: {
  name: string;
  isChosen: boolean;
  scores: OrderScores;
  reading: Reading;
  /** True if both answers are the same text. */
  areIdentical: boolean;
}) {
  const { name, isChosen, scores, reading, areIdentical } = props;
  const verdict = verdictOf(scores, areIdentical);
  const named = verdict.kind === 'class' ? verdict.place : null;
  return (
    <tr>
      <th scope="row">
        {name} {isChosen && <span className="mark">{texts.chosen}</span>}
      </th>
      {classesOf(reading).map((c) => (
        <td key={c} className={`cell-${KINDS[c]}`}>
          <span className="p">
            <span className={named === c ? 'p-value p-largest' : 'p-value'}>
              {probability(scores.mean[c]!)}
            </span>
            <span className="p-bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${scores.mean[c]})` }} />
            </span>
          </span>
        </td>
      ))}
      <td>
        {reading === 'reward'
          ? signedReward(rewardsOf(scores).margin)
          : probability(orderGap(scores))}
      </td>
    </tr>
  );
}
