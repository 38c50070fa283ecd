import { Input, Label, NumberField } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { RadioSetting } from '../../ui/controls/Setting.tsx';
import type { ImportChoices } from '../state/import-form.ts';

const words = strings.own;
/** Gemma-2's value. */
const USUAL = 50;
const SMALLEST = 0.01;
const OPTIONS = (['config', 'none', 'number'] as const).map((id) => ({
  id,
  ...words.softCaps[id],
}));

/** The soft cap: as configured, none, or a number. */
export function SoftCapOption(props: {
  value: ImportChoices['softCap'];
  isDisabled: boolean;
  onChange: (value: ImportChoices['softCap']) => void;
}) {
  const { value, isDisabled, onChange } = props;
  const isNumber = typeof value === 'number';
  return (
    <div className="setting-stack">
      <RadioSetting
        label={words.softCap}
        options={OPTIONS}
        value={value === null ? 'none' : isNumber ? 'number' : 'config'}
        isDisabled={isDisabled}
        onChange={(kind) => onChange(kind === 'number' ? USUAL : kind === 'none' ? null : kind)}
      />
      <NumberField
        className="setting"
        value={isNumber ? value : USUAL}
        minValue={SMALLEST}
        isDisabled={isDisabled || !isNumber}
        isWheelDisabled
        onChange={(next) => {
          // An emptied field gives NaN; the field then returns to the last value.
          if (isNumber && Number.isFinite(next)) onChange(next);
        }}
      >
        <Label className="field-label">{words.softCapValue}</Label>
        <Input className="input input-short" />
      </NumberField>
    </div>
  );
}
