import { useState } from 'react';
import { Button } from 'react-aria-components';
import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import { placeText } from '../i18n/engine-words.ts';
import { sentences } from '../i18n/format.ts';
import { useApp, useStore } from '../page/context.ts';
import { type Rate, TYPICAL_TOKENS, textOfRows } from '../page/rate.ts';
import { isRunning } from '../page/state.ts';
import { useClient } from '../state/context.ts';
import { ErrorNote } from '../ui/feedback/ErrorNote.tsx';
import { modelNames } from './gemma-sizes.ts';
import { measureRate } from './measure-rate.ts';
import { isRough, ROWS, timesOf } from './model-times.ts';
import { words } from './strings.ts';
import { useForeseen } from './use-foreseen.ts';

/** Shows the time that models of each size would take here, from the last run, or from a measurement on request. */
export function Times() {
  const store = useStore();
  // The end of a run brings a better figure.
  const running = useApp(isRunning);
  const { isMeasuring, error, measure } = useMeasurement();
  // A run is better evidence than a short measurement.
  const rate = store.speed.rate() ?? store.speed.measured();
  return (
    <>
      <h3>{words.times}</h3>
      {rate === null ? <p>{words.notMeasured}</p> : <TimesTable rate={rate} />}
      {rate?.how !== 'run' && (
        <Measure
          running={running}
          isMeasuring={isMeasuring}
          isAgain={rate !== null}
          onPress={measure}
        />
      )}
      {error !== null && <ErrorNote error={error} />}
    </>
  );
}

function useMeasurement() {
  const client = useClient();
  const { speed } = useStore();
  const model = useApp((state) => state.model);
  const adapters = useApp((state) => state.adapters);
  const [isMeasuring, setMeasuring] = useState(false);
  const [error, setError] = useState<TiebreakError | null>(null);
  const measure = async () => {
    if (model.status !== 'ready') return;
    setMeasuring(true);
    setError(null);
    try {
      speed.keep(model.info, await measureRate(client, model.info, adapters[0] ?? null));
    } catch (thrown) {
      const failure = asTiebreakError(thrown);
      // These errors mean a run or another model took over; the user can measure again.
      if (failure.code !== 'run/cancelled' && failure.code !== 'explore/busy') setError(failure);
    } finally {
      setMeasuring(false);
    }
  };
  return { isMeasuring, error, measure };
}

function Measure(props: {
  running: boolean;
  isMeasuring: boolean;
  isAgain: boolean;
  onPress: () => Promise<void>;
}) {
  const { running, isMeasuring, isAgain, onPress } = props;
  const isReady = useApp(({ model }) => model.status === 'ready');
  return (
    <p>
      <Button
        className="button button-small"
        isDisabled={!isReady || running}
        isPending={isMeasuring}
        onPress={() => void onPress()}
      >
        {isMeasuring ? words.measuring : isAgain ? words.measureAgain : words.measure}
      </Button>
      {running && <span className="help"> {words.measureLater}</span>}
    </p>
  );
}

function TimesTable({ rate }: { rate: Rate }) {
  const foreseen = useForeseen();
  const fileRows = useApp(({ csv }) =>
    csv.status === 'ready' ? csv.summary.rows - csv.summary.problemRows : 0,
  );
  const file = foreseen === null || fileRows === 0 ? null : { ...foreseen, rows: fileRows };
  const columns = [
    ...ROWS.map((rows) => ({ name: words.rows(rows), text: textOfRows(rows, file) })),
    ...(file === null ? [] : [{ name: words.yourFile(fileRows), text: file }]),
  ].map(({ name, text }) => ({ name, seconds: timesOf(rate, text) }));
  return (
    <>
      <table className="memory-table numbers">
        <caption className="hidden">{words.times}</caption>
        <thead>
          <tr>
            <th scope="col">{words.size}</th>
            {columns.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {modelNames.map((model) => (
            <tr key={model}>
              <th scope="row">{words.fit(model)}</th>
              {columns.map(({ name, seconds }) => (
                <td key={name}>{words.time(seconds[model])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="help">{noteOf(rate, file)}</p>
    </>
  );
}

/** Explains the source of the figures and their reliability. */
function noteOf(rate: Rate, file: { tokens: number; rows: number } | null): string {
  const device = placeText(rate.place);
  return sentences(
    rate.how === 'run' ? words.fromRun(device) : words.fromMeasurement(device),
    isRough(rate) && words.rough,
    file === null
      ? words.typicalTokens(TYPICAL_TOKENS)
      : words.fileTokens(Math.round(file.tokens / file.rows)),
  );
}
