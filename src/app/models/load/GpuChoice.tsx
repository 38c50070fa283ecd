import type { LaneChoice } from '../../../engine/model-plan.ts';
import { errorText } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { Choice } from '../../ui/controls/Choice.tsx';

const words = strings.model.gpus;

/** Chooses one GPU, all of them, or two that share the layers, by name; nothing with a single GPU. */
export function GpuChoice() {
  const store = useStore();
  const chosen = useApp((state) => state.wishes.lanes);
  const gpus = useApp((state) => state.planned?.gpus);
  const model = useApp((state) => state.model);
  const isDisabled = useApp(isRunning);
  if (gpus === undefined || gpus.length < 2) return null;
  const names = gpus.map(({ name }) => name);
  const options: { id: LaneChoice; label: string }[] = [
    { id: 'auto', label: words.auto },
    { id: 'one', label: words.one(names[0]!) },
    { id: 'all', label: words.all(names) },
    { id: 'split', label: words.split(names.slice(0, 2)) },
  ];
  return (
    <>
      <Choice
        label={words.label}
        help={words.help}
        options={options}
        value={chosen}
        isDisabled={isDisabled}
        onChange={(lanes) => void store.model.setWishes({ lanes })}
      />
      {model.status === 'ready' &&
        model.info.lanes.map(
          ({ name, error }) =>
            error !== null && (
              <p className="problem" key={name}>
                {words.unusable(name, errorText(error).message)}
              </p>
            ),
        )}
    </>
  );
}
