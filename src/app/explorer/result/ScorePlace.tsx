import { DEMO_NOTICES } from '../../../texts/demo-facts.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { chosenNotices, modelReading } from '../../page/state.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { Place } from '../../ui/layout/Place.tsx';
import { words } from '../text/strings.ts';
import { ScoreFacts } from './ScoreFacts.tsx';

/** Sample facts of an engine; only the lengths of these texts matter. */
const ENGINE = {
  model: strings.model.heading,
  place: { kind: 'cpu', runtime: 'WebAssembly', threads: 2 },
  precision: 'float32',
} as const;
const ADAPTERS = DEMO_NOTICES.map(({ name }) => name);
const TEXT = { length: 100, tokens: 100 };

/** Reserves the place of a score's notice, logits and facts: as the loaded model will show them, or the demo model. */
export function ScorePlace() {
  const store = useStore();
  const model = useApp((state) => state.model);
  const adapters = useApp((state) => state.adapters);
  const settings = useApp((state) => state.settings);
  const isDemo = model.status === 'loading' && store.model.isEmbedded;
  const notice = useApp((state) =>
    isDemo ? noticesText(DEMO_NOTICES) : noticesText(chosenNotices(state), modelReading(state)),
  );
  const isReady = model.status === 'ready';
  return (
    <Place>
      <Notice text={notice} />
      <LogitsSummary />
      <ScoreFacts
        engine={isReady ? model.info.engine : ENGINE}
        adapters={isReady ? adapters : ADAPTERS}
        settings={settings}
        text={TEXT}
      />
    </Place>
  );
}

/** Reserves the place of the line that opens the logits. */
export function LogitsPlace() {
  return (
    <Place>
      <LogitsSummary />
    </Place>
  );
}

function LogitsSummary() {
  return (
    <details className="advanced">
      <summary>{words.result.logits}</summary>
    </details>
  );
}
