import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';

const DEVICES = (['auto', 'webgpu', 'wasm'] as const).map((id) => ({
  id,
  label: strings.model.devices[id],
}));
const PRECISIONS = (['auto', 'float32', 'float16', 'int8'] as const).map((id) => ({
  id,
  label: strings.model.precisions[id],
}));

const EXECUTORS = (['auto', 'wgsl', 'ort'] as const).map((id) => ({
  id,
  label: strings.model.executors[id],
}));

/** Device, precision and executor: a change loads the model again. */
export function ModelAdvanced({ isDisabled }: { isDisabled: boolean }) {
  const store = useStore();
  const wishes = useApp((state) => state.wishes);
  return (
    <details className="advanced">
      <summary>{strings.model.advanced}</summary>
      <div className="advanced-fields">
        <Choice
          label={strings.model.device}
          help={strings.model.deviceHelp}
          options={DEVICES}
          value={wishes.device}
          isDisabled={isDisabled}
          onChange={(device) => void store.model.setWishes({ device })}
        />
        <Choice
          label={strings.model.precision}
          help={strings.model.precisionHelp}
          options={PRECISIONS}
          value={wishes.precision}
          isDisabled={isDisabled}
          onChange={(precision) => void store.model.setWishes({ precision })}
        />
        <Choice
          label={strings.model.executor}
          help={strings.model.executorHelp}
          options={EXECUTORS}
          value={wishes.executor}
          isDisabled={isDisabled}
          onChange={(executor) => void store.model.setWishes({ executor })}
        />
      </div>
    </details>
  );
}
