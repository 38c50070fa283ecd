import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { ModelPlan } from '../../../engine/model-plan.ts';
import type { Planned } from '../../../scoring/worker/api.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning, type ModelState } from '../../page/state.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { LazyBody } from '../../ui/lazy/LazyBody.tsx';
import { LazyPart } from '../../ui/lazy/lazy-part.ts';

const words = strings.model.plan;
const TABLES = new LazyPart(() => import('./MemoryTables.tsx'));

/** The memory of the chosen model on each GPU, the measures that make it fit, their cost, and the budgets. */
export function MemoryPlan() {
  const store = useStore();
  const planned = useApp((state) => state.planned);
  const model = useApp((state) => state.model);
  const isDisabled = useApp(isRunning);
  const [wasOpen, setWasOpen] = useState(false);
  if (planned === null) return null;
  const { plan, cpu, error } = planned;
  if (plan === null && cpu === null && error === null) return null;
  return (
    <>
      <details
        className="advanced memory-plan"
        onToggle={({ currentTarget }) => {
          if (currentTarget.open) setWasOpen(true);
        }}
      >
        <summary>
          {words.heading}: {summaryText(planned)}
        </summary>
        {wasOpen && <LazyBody part={TABLES} props={{ planned, isDisabled }} />}
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
