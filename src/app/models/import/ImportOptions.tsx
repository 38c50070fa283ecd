import { strings } from '../../i18n/strings.ts';
import { RadioSetting } from '../../ui/controls/Setting.tsx';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { SoftCapOption } from './SoftCapOption.tsx';

const words = strings.own;
const QUANTS = (['auto', 'keep', 'nf4', 'int4', 'none'] as const).map((id) => ({
  id,
  ...words.quants[id],
}));
const EMBEDDINGS = (['auto', 'float32', 'float16', 'int8', 'int4'] as const).map((id) => ({
  id,
  ...words.embeddings[id],
}));

/** Options of the package. A continued import keeps those it began with. */
export function ImportOptions({ isDisabled }: { isDisabled: boolean }) {
  const store = usePackagesStore();
  const { quant, embedding, softCap, resume } = usePackages(({ form }) => form);
  const fixed = isDisabled || resume !== null;
  return (
    <details className="advanced">
      <summary>{words.options}</summary>
      <div className="settings own-options">
        <RadioSetting
          label={words.quant}
          options={QUANTS}
          value={quant}
          isDisabled={fixed}
          onChange={(chosen) => store.form.setChoices({ quant: chosen })}
        />
        <RadioSetting
          label={words.embedding}
          options={EMBEDDINGS}
          value={embedding}
          isDisabled={fixed}
          onChange={(chosen) => store.form.setChoices({ embedding: chosen })}
        />
        <SoftCapOption
          value={softCap}
          isDisabled={fixed}
          onChange={(chosen) => store.form.setChoices({ softCap: chosen })}
        />
      </div>
    </details>
  );
}
