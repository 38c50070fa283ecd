import { meanRewards } from '../../domain/rewards.ts';
import { reward, signedReward } from '../i18n/format.ts';
import { strings } from '../i18n/strings.ts';
import { useApp } from '../page/context.ts';
import type { RowColumns } from '../page/rows.ts';
import { Fact } from '../ui/feedback/Fact.tsx';

const words = strings.reading;

/** The rewards of a row's answers and their difference: means over the adapters, then those of each of several. */
export function RowRewards(props: { rows: Pick<RowColumns, 'rewards' | 'flags'>; row: number }) {
  const { rows, row } = props;
  const adapters = useApp(({ results }) => results?.adapters);
  const perRow = rows.rewards!.length / rows.flags.length;
  const own = rows.rewards!.subarray(perRow * row, perRow * (row + 1));
  const { a, b, margin } = meanRewards(own);
  const each = Array.from({ length: perRow / 2 }, (_, i) =>
    meanRewards(own.subarray(2 * i, 2 * i + 2)),
  );
  return (
    <dl className="facts">
      <Fact name={words.rewardA} value={reward(a)} />
      <Fact name={words.rewardB} value={reward(b)} />
      <Fact name={words.margin} value={signedReward(margin)} />
      {each.length > 1 &&
        each.map((of, i) => (
          <Fact
            key={adapters?.[i]}
            wide
            name={words.rewardsOf(adapters?.[i] ?? strings.model.base)}
            value={`${reward(of.a)} · ${reward(of.b)} · ${signedReward(of.margin)}`}
          />
        ))}
    </dl>
  );
}
