import { Button, Input, Label, NumberField, Text } from 'react-aria-components';
import type { GpuPlan, ModelPlan } from '../../../engine/model-plan.ts';
import type { CpuPlan } from '../../../engine/planning/cpu-memory.ts';
import type { Planned } from '../../../scoring/worker/api.ts';
import { executorName } from '../../i18n/engine-words.ts';
import { count, fileSize } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning, type ModelState } from '../../page/state.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';

const words = strings.model.plan;

const GB = 1e9;
const FORMAT = { maximumFractionDigits: 3 };

/** The memory of the chosen model on each GPU, the measures that make it fit, their cost, and the budgets. */
export function MemoryPlan() {
  const store = useStore();
  const planned = useApp((state) => state.planned);
  const model = useApp((state) => state.model);
  const isDisabled = useApp(isRunning);
  if (planned === null) return null;
  const { gpus, plan, cpu, error } = planned;
  if (plan === null && cpu === null && error === null) return null;
  return (
    <>
      <details className="advanced memory-plan">
        <summary>
          {words.heading}: {summaryText(planned)}
        </summary>
        {cpu !== null && <CpuFacts plan={cpu} />}
        {plan !== null && <PlanTable plan={plan} />}
        {[...new Set(gpus.map(({ name }) => name))].map((name) => (
          <BudgetField key={name} name={name} isDisabled={isDisabled} />
        ))}
      </details>
      {plan !== null && <Costs plan={plan} />}
      {/* If this error keeps a model from loading, the model's own card shows it. */}
      {error !== null && model.status === 'ready' && <ErrorNote error={error} />}
      {plan !== null && isOutdated(plan, model) && (
        <p className="help">
          {words.outdated}{' '}
          <Button
            className="button button-small"
            isDisabled={isDisabled}
            onPress={() => void store.model.load()}
          >
            {words.reload}
          </Button>
        </p>
      )}
    </>
  );
}

function summaryText({ plan, cpu }: Planned): string {
  if (cpu !== null) return words.total(cpu.weightBytes + cpu.adapterBytes + cpu.heapBytes);
  if (plan === null) return words.refused;
  return plan.gpus.map(({ gpu, totalBytes }) => `${gpu}, ${words.total(totalBytes)}`).join(' + ');
}

/** The memory of the CPU. */
function CpuFacts({ plan }: { plan: CpuPlan }) {
  const { weightBytes, adapterBytes, layerBytes, activationBytes, scoreBytes } = plan;
  const facts: [string, string][] = [
    [words.weights, fileSize(weightBytes)],
    [words.adapters, fileSize(adapterBytes)],
    [words.layerAtATime, fileSize(layerBytes)],
    [words.activations, fileSize(activationBytes)],
    [words.scores, words.groups(scoreBytes, plan.headGroups)],
    [words.heap, words.heapOf(plan.heapBytes, plan.heapLimit)],
  ];
  return (
    <>
      <table className="memory-table numbers">
        <caption className="hidden">{words.cpuCaption}</caption>
        <tbody>
          {facts.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="help">{words.onCpu(plan.maxLength, plan.batchTokens)}</p>
    </>
  );
}

/** A table of GPUs with their bytes. */
function PlanTable({ plan }: { plan: ModelPlan }) {
  const { gpus, maxLength, batchTokens, layers } = plan;
  const rows: [string, (gpu: GpuPlan) => string][] = [
    [words.executor, executorName],
    [
      words.layers,
      ({ range, residentLayers }) =>
        words.layersOf(range.from + 1, range.to, layers) +
        (residentLayers < range.to - range.from ? ` (${words.staying(residentLayers)})` : ''),
    ],
    [words.tokensAtOnce, (gpu) => count(gpu.batchTokens)],
    [words.weights, ({ weightBytes }) => fileSize(weightBytes)],
    [words.adapters, ({ adapterBytes }) => fileSize(adapterBytes)],
    [words.activations, ({ activationBytes }) => fileSize(activationBytes)],
    [words.scores, scoresText],
    [words.sum, ({ totalBytes }) => fileSize(totalBytes)],
    [
      words.allowed,
      ({ budgetBytes }) => (budgetBytes === null ? words.unknown : fileSize(budgetBytes)),
    ],
    [
      words.largest,
      ({ maxBufferSize, maxBindingSize }) =>
        `${fileSize(maxBufferSize)}, ${fileSize(maxBindingSize)}`,
    ],
  ];
  return (
    <>
      <table className="memory-table numbers">
        <caption className="hidden">{words.caption}</caption>
        <thead>
          <tr>
            <td />
            {gpus.map(({ gpu, index }) => (
              <th scope="col" key={index}>
                {gpu}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {gpus.map((gpu) => (
                <td key={gpu.index}>{text(gpu)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="help">{words.forRows(maxLength, batchTokens)}</p>
    </>
  );
}

function scoresText({ scoreBytes, headGroups }: GpuPlan): string {
  if (scoreBytes === null) return words.noScores;
  return scoreBytes === 0 ? words.sharedScores : words.groups(scoreBytes, headGroups);
}

/** The cost of the plan in speed, always visible; nothing if there is none. */
function Costs({ plan }: { plan: ModelPlan }) {
  const { lanes, gpus, streamedInstead } = plan;
  const streamed = Math.max(...gpus.map(({ streamedBytes }) => streamedBytes));
  const parts = Math.min(...gpus.map(({ batchTokens }) => batchTokens));
  return (
    <>
      {lanes === 'split' && (
        <p className="help">
          {words.split(parts)}
          {streamedInstead !== null && ` ${words.splitInstead(streamedInstead)}`}
        </p>
      )}
      {streamed > 0 && (
        <p className="help">{words.streamed(streamed, Math.ceil(streamed / 1e9))}</p>
      )}
    </>
  );
}

/** True if the plan would place layers differently from the loaded model. */
function isOutdated(plan: ModelPlan, model: ModelState): boolean {
  if (model.status !== 'ready' || model.info.plan === null) return false;
  const layout = ({ lanes, gpus }: ModelPlan) =>
    JSON.stringify([
      lanes,
      gpus.map(({ index, range, residentLayers }) => [index, range, residentLayers]),
    ]);
  return layout(plan) !== layout(model.info.plan);
}

/** The gigabytes of a GPU that may be used; empty for no limit. */
function BudgetField({ name, isDisabled }: { name: string; isDisabled: boolean }) {
  const store = useStore();
  const budgets = useApp((state) => state.wishes.budgets);
  const bytes = budgets[name] ?? null;
  return (
    <NumberField
      className="setting"
      value={bytes === null ? Number.NaN : bytes / GB}
      minValue={0.001}
      formatOptions={FORMAT}
      isDisabled={isDisabled}
      isWheelDisabled
      onChange={(gigabytes) => {
        const next = Number.isFinite(gigabytes) ? Math.round(gigabytes * GB) : null;
        if (next === bytes) return;
        const { [name]: _, ...others } = budgets;
        void store.model.setWishes({
          budgets: next === null ? others : { ...others, [name]: next },
        });
      }}
    >
      <Label className="field-label">{words.budget(name)}</Label>
      <Input className="number-input" />
      <Text slot="description" className="help">
        {words.budgetHelp}
      </Text>
    </NumberField>
  );
}
