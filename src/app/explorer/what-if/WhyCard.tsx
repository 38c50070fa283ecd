import './why.css';
import { type CSSProperties, Fragment, useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { mostLikely } from '../../../domain/classes.ts';
import { PAIR_PARTS } from '../../../domain/pair.ts';
import { classesOf } from '../../../domain/reading.ts';
import type { Pair } from '../../../domain/settings.ts';
import type { Unit } from '../../../explore/units.ts';
import { Meter } from '../../ui/feedback/Meter.tsx';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { useReading } from '../state/use-reading.ts';
import { points } from '../text/points.ts';
import { words } from '../text/strings.ts';

const texts = words.why;
const STRONGEST = 5;
/** Change of probability that is drawn darkest, unless there are larger ones. */
const DARK = 0.1;

/** A unit with its effect; null until known. */
interface Weighed {
  unit: Unit;
  worth: number | null;
}

/** Shows the effect of each sentence on the probability. */
export function WhyCard() {
  const store = useExplorerStore();
  const why = useExplorer((state) => state.why);
  const pair = useExplorer((state) => state.pair);
  const score = useExplorer((state) => (state.score?.pair === state.pair ? state.score : null));
  const reading = useReading();
  const [chosen, setChosen] = useState<number | null>(null);
  const of = chosen ?? (score && mostLikely(score.scores.mean)) ?? 0;
  const weighed = (why?.units ?? []).map((unit, i): Weighed => {
    const without = why!.scores[i];
    const worth = score && without ? score.scores.mean[of]! - without.mean[of]! : null;
    return { unit, worth };
  });
  const done = weighed.filter(({ worth }) => worth !== null).length;
  return (
    <section className="card" aria-labelledby="why-heading">
      <div className="card-head">
        <h3 id="why-heading">{texts.heading}</h3>
        <Button
          className="button button-small"
          isDisabled={why === null && score === null}
          onPress={() => store.variants.wantWhy(why === null)}
        >
          {why === null ? texts.start : done < weighed.length ? texts.stop : texts.hide}
        </Button>
      </div>
      <p className="help">{reading === 'reward' ? texts.helpReward : texts.help}</p>
      {why !== null && weighed.length === 0 && <p className="help">{texts.nothing}</p>}
      {weighed.length > 0 && (
        <>
          <RadioGroup
            className="pick"
            orientation="horizontal"
            value={String(of)}
            onChange={(value) => setChosen(Number(value))}
          >
            <Label className="field-label">{texts.of}</Label>
            {classesOf(reading).map((c) => (
              <Radio key={c} className="radio" value={String(c)}>
                <span className="radio-dot" aria-hidden="true" />
                {words.result.classes[c]}
              </Radio>
            ))}
          </RadioGroup>
          <div className="why-progress">
            <Meter label={texts.progressLabel} fraction={done / weighed.length} />
            <span className="help numbers">{texts.progress(done, weighed.length)}</span>
          </div>
          <WhyTexts pair={pair} weighed={weighed} />
          <p className="help">{texts.legend}</p>
          <Strongest pair={pair} weighed={weighed} />
        </>
      )}
    </section>
  );
}

function WhyTexts({ pair, weighed }: { pair: Pair; weighed: Weighed[] }) {
  const largest = Math.max(DARK, ...weighed.map(({ worth }) => Math.abs(worth ?? 0)));
  const count = Math.max(...PAIR_PARTS.map((part) => pair[part].length));
  return Array.from({ length: count }, (_, turn) => turn).map((turn) => (
    <div key={turn} className="turn">
      {count > 1 && <h4 className="turn-title">{words.pair.turn(turn + 1, count)}</h4>}
      {PAIR_PARTS.map((part) => {
        const own = weighed.filter(({ unit }) => unit.part === part && unit.turn === turn);
        if (own.length === 0) return null;
        return (
          <div key={part} className={`part ${CLASS[part]}`}>
            <h5 className="part-title">{words.pair[part]}</h5>
            <div className="text">
              <WeighedText text={pair[part][turn] ?? ''} own={own} largest={largest} />
            </div>
          </div>
        );
      })}
    </div>
  ));
}

const CLASS = { prompt: 'part-prompt', responseA: 'part-a', responseB: 'part-b' };

function WeighedText(props: { text: string; own: Weighed[]; largest: number }) {
  const { text, own, largest } = props;
  const store = useExplorerStore();
  return (
    <>
      {own.map(({ unit, worth }, i) => {
        const before = text.slice(own[i - 1]?.unit.end ?? 0, unit.start);
        const content = text.slice(unit.start, unit.end);
        return (
          <Fragment key={unit.start}>
            {before}
            <span className={unitClass(worth)} style={heat(worth, largest)}>
              {content}
            </span>
            {worth === null ? (
              // Reserves the place of the number, so that no text moves.
              <span className="unit-worth unit-waits" aria-hidden="true">
                …
              </span>
            ) : (
              <Button
                className="unit-worth"
                aria-label={texts.leaveOut(excerpt(content), points(worth))}
                onPress={() => store.tryPair(unit.without, texts.leftOut)}
              >
                {points(worth)}
              </Button>
            )}
          </Fragment>
        );
      })}
      {text.slice(own.at(-1)?.unit.end ?? 0)}
    </>
  );
}

function unitClass(worth: number | null): string {
  if (worth === null) return 'unit';
  return worth >= 0 ? 'unit unit-raises' : 'unit unit-lowers';
}

function heat(worth: number | null, largest: number): CSSProperties {
  return { '--heat': `${Math.round((100 * Math.abs(worth ?? 0)) / largest)}%` } as CSSProperties;
}

/** Lists the strongest effects in words. Until all are known, empty lines reserve their places. */
function Strongest({ pair, weighed }: { pair: Pair; weighed: Weighed[] }) {
  const isKnown = weighed.every(({ worth }) => worth !== null);
  const top = weighed
    .toSorted((a, b) => Math.abs(b.worth ?? 0) - Math.abs(a.worth ?? 0))
    .slice(0, STRONGEST);
  return (
    <div className="strongest">
      <h4 className="turn-title">{texts.strongest}</h4>
      <ol className={isKnown ? undefined : 'strongest-waits'} aria-hidden={!isKnown}>
        {top.map(({ unit, worth }) => (
          <li key={`${unit.part} ${unit.turn} ${unit.start}`}>
            <span className="strongest-worth numbers">{points(worth ?? 0)}</span>
            <span className="help">{words.pair[unit.part]}</span>
            <span className="strongest-text">
              {excerpt((pair[unit.part][unit.turn] ?? '').slice(unit.start, unit.end))}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function excerpt(text: string): string {
  const characters = Array.from(text.replaceAll(/\s+/g, ' '));
  return characters.length > 70 ? `${characters.slice(0, 68).join('')}…` : characters.join('');
}
