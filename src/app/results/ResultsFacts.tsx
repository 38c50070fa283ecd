import type { EngineInfo } from '../../engine/engine.ts';
import { adapterText, executorName, placeText } from '../i18n/engine-words.ts';
import { count } from '../i18n/format.ts';
import { strings } from '../i18n/strings.ts';
import { useStore } from '../page/context.ts';
import type { ResultsInfo } from '../page/state.ts';
import { Fact } from '../ui/feedback/Fact.tsx';

const words = strings.results;
const { reading } = strings;

/** Shows the model, devices and settings of the results. */
export function ResultsFacts({ results }: { results: ResultsInfo }) {
  const { rows } = useStore();
  const { engine, others, earlier, settings, problemRows, summary } = results;
  const previous = new Set(
    earlier.map(
      (other) =>
        `${placeText(other.place)}, ${executorName(other)}, ${strings.model.precisions[other.precision]}`,
    ),
  );
  const { facts } = words;
  return (
    <dl className="facts facts-results">
      <Fact name={facts.computedOn} value={placesOf([engine, ...others])} />
      {previous.size > 0 && <Fact name={facts.earlier} value={[...previous].join('; ')} />}
      <Fact name={facts.model} value={engine.model} />
      <Fact name={facts.adapter} value={adapterText(results.adapters)} />
      <Fact name={facts.executor} value={executorName(engine)} />
      <Fact name={facts.precision} value={strings.model.precisions[engine.precision]} />
      <Fact
        name={facts.softCap}
        value={engine.softCap === null ? strings.model.noSoftCap : String(engine.softCap)}
      />
      <Fact name={facts.textMode} value={strings.settings.textModes[settings.textMode].label} />
      <Fact
        name={facts.truncation}
        value={
          settings.spread ? facts.truncationSpread : words.truncationNames[settings.truncation]
        }
      />
      <Fact name={facts.maxLength} value={count(settings.maxLength)} />
      {engine.reading !== 'reward' && (
        <Fact name={facts.tta} value={settings.tta ? words.yes : words.no} />
      )}
      <Fact name={facts.scored} value={words.rowsOf(rows.scored, rows.length)} />
      <Fact name={facts.truncated} value={count(summary?.truncatedRows ?? rows.truncated)} />
      {/* Known only at the end, but present from the start, so that the table below does not move. */}
      <Fact name={facts.duplicates} value={summary === null ? '–' : count(summary.duplicateRows)} />
      {problemRows > 0 && <Fact name={facts.unscorable} value={count(problemRows)} />}
      {engine.reading !== 'pair' && (
        <Fact wide name={reading.judge} value={reading.judges[engine.reading]} />
      )}
      {engine.reading === 'reward' && (
        <>
          {engine.chatDate !== undefined && (
            <Fact wide name={reading.text} value={reading.chat(engine.chatDate)} />
          )}
          <Fact wide name={facts.tta} value={reading.oneOrder} />
          <Fact wide name={reading.probabilities} value={reading.uncalibrated} />
        </>
      )}
    </dl>
  );
}

/** The devices of several lanes: `A (WebGPU); 2 × B (WebGPU)`. */
function placesOf(engines: readonly Pick<EngineInfo, 'place'>[]): string {
  const counts = new Map<string, number>();
  for (const { place } of engines) {
    const name = placeText(place);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, lanes]) => (lanes > 1 ? `${lanes} × ${name}` : name)).join('; ');
}
