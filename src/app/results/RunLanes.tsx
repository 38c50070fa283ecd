import './run-lanes.css';
import type { LaneProgress } from '../../scoring/lanes/lane-events.ts';
import { placeText } from '../i18n/engine-words.ts';
import { strings } from '../i18n/strings.ts';

const words = strings.run;

/** Rate and share of each lane, during a run and after it; nothing for a single lane. */
export function RunLanes({ lanes }: { lanes: readonly LaneProgress[] }) {
  if (lanes.length < 2) return null;
  const all = lanes.reduce((sum, { tokens }) => sum + tokens, 0);
  return (
    <table className="lanes numbers">
      <caption className="hidden">{words.lanes.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{words.lanes.gpu}</th>
          <th scope="col">{words.lanes.rate}</th>
          <th scope="col">{words.lanes.share}</th>
        </tr>
      </thead>
      <tbody>
        {lanes.map(({ place, tokens, tokensPerSecond, ended }, i) => (
          // Lanes keep their order, and two may have the same name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <tr key={i}>
            <th scope="row">
              {placeText(place)}
              {ended && ` (${words.lanes.ended})`}
            </th>
            <td>{tokensPerSecond === null ? words.unknown : words.rate(tokensPerSecond)}</td>
            <td>{all === 0 ? words.unknown : words.lanes.shareOf((100 * tokens) / all)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
