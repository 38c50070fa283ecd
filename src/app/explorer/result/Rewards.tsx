import { type OrderScores, rewardsOf } from '../../../stats/pair/order-scores.ts';
import { probability, reward, signedReward } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { words } from '../text/strings.ts';

const texts = strings.reading;
const ANSWERS = ['a', 'b'] as const;

/** A table of both answers with reward and probability, and their margin. Null scores leave its place. */
export function RewardTable({ scores }: { scores: OrderScores | null }) {
  const rewards = scores && rewardsOf(scores);
  return (
    <>
      <table className="orders">
        <caption className="hidden">{texts.table}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{texts.reward}</th>
            <th scope="col">{texts.probability}</th>
          </tr>
        </thead>
        <tbody>
          {ANSWERS.map((answer, c) => {
            const p = scores?.mean[c];
            const isNamed =
              rewards !== null && (answer === 'a' ? rewards.margin > 0 : rewards.margin < 0);
            return (
              <tr key={answer} className={`cell-${answer}`}>
                <th scope="row">{texts.answers[c]}</th>
                <td>
                  <span className="p-value" title={rewards?.[answer].toString()}>
                    {rewards === null ? words.result.none : reward(rewards[answer])}
                  </span>
                </td>
                <td>
                  <span className="p">
                    <span
                      className={isNamed ? 'p-value p-largest' : 'p-value'}
                      title={p?.toString()}
                    >
                      {p === undefined ? words.result.none : probability(p)}
                    </span>
                    <span className="p-bar" aria-hidden="true">
                      <span style={{ transform: `scaleX(${p ?? 0})` }} />
                    </span>
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="gap-block">
        <p className="gap-line">
          <span className="gap-name">{texts.margin}</span>
          <span className="gap-value numbers">
            {rewards === null ? words.result.none : signedReward(rewards.margin)}
          </span>
        </p>
        <p className="help">{texts.marginHelp}</p>
        <p className="help">{texts.oneOrder}</p>
      </div>
    </>
  );
}

/** The rewards by each of several adapters; nothing for one. */
export function AdapterRewards({ scores: { logits } }: { scores: OrderScores }) {
  if (logits.length < 2) return null;
  return (
    <details className="advanced">
      <summary>{texts.rewards}</summary>
      <table className="orders logits">
        <thead>
          <tr>
            <th scope="col">{texts.adapter}</th>
            <th scope="col">{texts.rewardA}</th>
            <th scope="col">{texts.rewardB}</th>
            <th scope="col">{texts.margin}</th>
          </tr>
        </thead>
        <tbody>
          {logits.map(({ adapter, forward, swapped }) => (
            <tr key={adapter ?? ''}>
              <th scope="row">{adapter ?? words.facts.noAdapter}</th>
              <td>{reward(forward[0]!)}</td>
              <td>{reward(swapped[0]!)}</td>
              <td>{signedReward(forward[0]! - swapped[0]!)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** The result for screen readers. */
export function rewardsAnnouncement(verdict: string, scores: OrderScores): string {
  const { a, b, margin } = rewardsOf(scores);
  return texts.announce(verdict, reward(a), reward(b), signedReward(margin));
}
