import { Button } from 'react-aria-components';
import type { Reason } from '../../../engine/executor/refusal.ts';
import { quantizationKind } from '../../../model/formats/quantization.ts';
import { becomesIsolated } from '../../../offline/register.ts';
import type { ModelInfo } from '../../../scoring/lanes/model-request.ts';
import { isSecurePage } from '../../../storage/secure.ts';
import { useComputer } from '../../computer/computer-facts.ts';
import { showComputer } from '../../computer/show-computer.ts';
import { words as computerWords } from '../../computer/strings.ts';
import { executorName, placeText } from '../../i18n/engine-words.ts';
import { errorText } from '../../i18n/error-text.ts';
import { count, fileSize } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning, type ModelWishes } from '../../page/state.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { Fact } from '../../ui/feedback/Fact.tsx';

// No adapter has an empty name.
const BASE = '';
const MEAN = '*';

/** The parts of a loaded model that are shown. */
export type ShownModel = Pick<ModelInfo, 'engine' | 'adapters' | 'baseHasHead'>;

/** Facts about the loaded model, and the choice of its adapter. */
export function ModelFacts({ info }: { info: ShownModel }) {
  const { engine } = info;
  const wishes = useApp((state) => state.wishes);
  const computer = useComputer();
  const explanation = deviceExplanation(info, wishes, computer?.gpu?.software ?? false);
  return (
    <>
      <dl className="facts">
        {engine.reading !== 'pair' && (
          <Fact name={strings.reading.judge} value={strings.reading.judges[engine.reading]} wide />
        )}
        <Fact
          name={strings.model.computesOn}
          value={placeText(engine.place)}
          wide
          notes={explanation === null ? [] : [explanation]}
        />
      </dl>
      {explanation !== null && wishes.device !== 'wasm' && (
        <p>
          <Button className="link-button" onPress={showComputer}>
            {computerWords.howTo}
          </Button>
        </p>
      )}
      <AdapterChoice info={info} />
      <EngineFacts info={info} />
    </>
  );
}

/** Technical facts about the model. Folded at first. */
function EngineFacts({ info: { engine } }: { info: ShownModel }) {
  return (
    <details className="advanced">
      <summary>{strings.model.details}</summary>
      <dl className="facts">
        {engine.reading === 'pair' && (
          <Fact name={strings.reading.judge} value={strings.reading.judges.pair} />
        )}
        <Fact
          name={strings.model.executor}
          value={executorName(engine)}
          notes={[
            ...kernelNotes(engine),
            ...engine.refusals.map((refusal) =>
              strings.model.notTaken(executorName(refusal), reasonText(refusal)),
            ),
          ]}
        />
        <Fact name={strings.model.precision} value={strings.model.precisions[engine.precision]} />
        <Fact
          name={strings.model.quantization}
          value={strings.model.quantizations[quantizationKind(engine.quantization)]}
        />
        <Fact
          name={strings.model.softCap}
          value={engine.softCap === null ? strings.model.noSoftCap : String(engine.softCap)}
        />
        <Fact
          name={strings.model.memory}
          value={fileSize(engine.weightBytes)}
          notes={
            engine.streamedBytes > 0
              ? [strings.model.streamed(engine.residentLayers, engine.layers, engine.streamedBytes)]
              : []
          }
        />
        {engine.peakBytes !== null && (
          <Fact name={strings.model.peak} value={fileSize(engine.peakBytes)} />
        )}
        <Fact name={strings.model.layers} value={count(engine.layers)} />
        <Fact
          name={strings.model.selfTest}
          value={
            engine.selfTest === null
              ? strings.model.selfTestNone
              : strings.model.selfTestPassed(engine.selfTest)
          }
        />
      </dl>
    </details>
  );
}

/** The reason why an executor was not chosen, in the page's language and without a final full stop. */
function reasonText({ code, id, reason, params }: Reason): string {
  return errorText({ code, id, message: reason, params }).message.replace(/[.。]$/, '');
}

function kernelNotes({ kernels }: ModelInfo['engine']): string[] {
  if (kernels === null) return [];
  const texts = strings.model.kernels;
  return [kernels.how === 'timed' ? texts.timed(kernels.milliseconds) : texts[kernels.how]];
}

function AdapterChoice({ info }: { info: ShownModel }) {
  const store = useStore();
  const adapters = useApp((state) => state.adapters);
  const running = useApp(isRunning);
  const names = info.adapters.map(({ name }) => name);
  const options = names.map((name) => ({ id: name, label: name }));
  if (names.length > 1)
    options.push({ id: MEAN, label: strings.model.meanOfAdapters(names.length) });
  if (info.baseHasHead) options.push({ id: BASE, label: strings.model.noAdapter });
  if (options.length === 0) return <p className="problem">{strings.model.noUsableAdapter}</p>;
  return (
    <Choice
      label={strings.model.adapter}
      options={options}
      value={adapters.length > 1 ? MEAN : (adapters[0] ?? BASE)}
      isDisabled={running}
      onChange={(id) => store.model.setAdapters(id === MEAN ? names : [id === BASE ? null : id])}
    />
  );
}

function deviceExplanation(
  { engine }: ShownModel,
  { device }: ModelWishes,
  softwareOnly: boolean,
): string | null {
  if (engine.device === 'webgpu') return engine.gpu?.fallback ? strings.model.softwareGpu : null;
  if (!isSecurePage()) return strings.model.insecure;
  const why =
    device === 'wasm'
      ? strings.model.chosenCpu
      : softwareOnly
        ? strings.model.softwareOnly
        : strings.model.noWebGpu;
  if (globalThis.crossOriginIsolated) return why;
  const { oneThread, oneThreadYet } = strings.model;
  return `${why} ${becomesIsolated() ? oneThreadYet : oneThread}`;
}
