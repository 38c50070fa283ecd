import './model.css';
import { Button } from 'react-aria-components';
import type { LoadProgress } from '../../../scoring/lanes/model-request.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { chosenNotices, isRunning, modelReading } from '../../page/state.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { Meter } from '../../ui/feedback/Meter.tsx';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { DemoCard } from './DemoCard.tsx';
import { GpuChoice } from './GpuChoice.tsx';
import { KeptWishes } from './KeptWishes.tsx';
import { AskLast, LastModelLine } from './LastModel.tsx';
import { MemoryPlan } from './MemoryPlan.tsx';
import { ModelAdvanced } from './ModelAdvanced.tsx';
import { ModelFacts } from './ModelFacts.tsx';
import { ModelPlace } from './ModelPlace.tsx';
import { PackagePicker } from './PackagePicker.tsx';

/** The model, its device, and ways to load another. */
export function ModelCard() {
  const store = useStore();
  const model = useApp((state) => state.model);
  const notice = useApp((state) => noticesText(chosenNotices(state), modelReading(state)));
  const running = useApp(isRunning);
  return (
    <section className="card" aria-labelledby="model-heading">
      <h2 id="model-heading">{strings.model.heading}</h2>
      {model.status === 'asking' && <AskLast last={model.last} />}
      <LastModelLine />
      {model.status === 'loading' && (
        <Loading progress={model.progress} isEmbedded={store.model.isEmbedded} />
      )}
      {model.status === 'failed' && (
        <ErrorNote error={model.error}>
          <Button className="button" onPress={() => void store.model.load()}>
            {strings.model.retry}
          </Button>
        </ErrorNote>
      )}
      {model.status === 'ready' && (
        <>
          <p className="card-title">{model.info.name}</p>
          <Notice text={notice} />
          <ModelFacts info={model.info} />
          {store.model.isEmbedded && <DemoCard />}
        </>
      )}
      <GpuChoice />
      <MemoryPlan />
      <PackagePicker isDisabled={running} />
      <ModelAdvanced isDisabled={running} />
      <KeptWishes />
    </section>
  );
}

function Loading(props: { progress: LoadProgress | null; isEmbedded: boolean }) {
  const { progress, isEmbedded } = props;
  const step = progress === null ? strings.model.starting : strings.model.loading[progress.step];
  // Searching for a device has no measurable progress.
  const fraction = progress === null || progress.step === 'device' ? null : progress.fraction;
  return (
    <div className="loading-model">
      <div className="loading">
        <p>{step}…</p>
        <Meter label={strings.model.loadingLabel} fraction={fraction} />
      </div>
      <ModelPlace isEmbedded={isEmbedded} />
    </div>
  );
}
