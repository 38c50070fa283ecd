import { adapterText, placeText } from '../../i18n/engine-words.ts';
import { count } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { Fact } from '../../ui/feedback/Fact.tsx';
import { useExplorer } from '../state/explorer-context.ts';
import type { Score } from '../state/explorer-state.ts';
import { words } from '../text/strings.ts';

const texts = words.facts;

/** The parts of a score that its facts show. */
type ShownFacts = Pick<Score, 'adapters' | 'settings'> & {
  engine: Pick<Score['engine'], 'model' | 'place' | 'precision'>;
  /** Tokens of the pair's text, and those of them that the model saw. */
  text: { length: number; tokens: number };
};

/** Shows model, settings and device of a number. */
export function ScoreFacts(props: ShownFacts) {
  const source = useExplorer((state) => state.source);
  const { engine, adapters, settings, text } = props;
  const lost = text.length - text.tokens;
  return (
    <div className="score-facts">
      <h4 className="turn-title">{texts.heading}</h4>
      <dl className="facts">
        <Fact name={texts.model} value={engine.model} wide />
        <Fact name={texts.adapter} value={adapterText(adapters)} />
        <Fact name={texts.computedOn} value={placeText(engine.place)} wide />
        <Fact name={texts.precision} value={strings.model.precisions[engine.precision]} />
        <Fact
          name={texts.text}
          value={
            source.kind === 'row'
              ? strings.settings.textModes[source.textMode].label
              : texts.asTyped
          }
        />
        <Fact
          name={texts.cut}
          value={settings.spread ? texts.spread : texts.cutNames[settings.truncation]}
        />
        <Fact name={texts.maxLength} value={count(settings.maxLength)} />
        <Fact
          name={texts.tokens}
          value={
            lost > 0
              ? `${texts.tokensOf(text.tokens, settings.maxLength)}, ${texts.truncated(lost)}`
              : texts.tokensOf(text.tokens, settings.maxLength)
          }
        />
      </dl>
      <p className="help">{texts.change}</p>
    </div>
  );
}
