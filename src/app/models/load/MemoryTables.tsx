import { Input, Label, NumberField, Text } from 'react-aria-components';
import type { GpuPlan, ModelPlan } from '../../../engine/model-plan.ts';
import type { CpuPlan } from '../../../engine/planning/cpu-memory.ts';
import type { Planned } from '../../../scoring/worker/api.ts';
import { executorName } from '../../i18n/engine-words.ts';
import { count, fileSize } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';

const words = strings.model.plan;

const GB = 1e9;
const FORMAT = { maximumFractionDigits: 3 };

/** The memory of a plan, part by part, and the budget of each GPU. */
export default function MemoryTables(props: { planned: Planned; isDisabled: boolean }) {
  const { gpus, plan, cpu } = props.planned;
  return (
    <>
      {cpu !== null && <CpuFacts plan={cpu} />}
      {plan !== null && <PlanTable plan={plan} />}
      {[...new Set(gpus.map(({ name }) => name))].map((name) => (
        <BudgetField key={name} name={name} isDisabled={props.isDisabled} />
      ))}
    </>
  );
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
