import { Button, Group, Input, Label, NumberField, Text } from 'react-aria-components';
import { MAX_LENGTH_RANGE } from '../../../domain/settings.ts';
import { strings } from '../../i18n/strings.ts';

const FORMAT = { useGrouping: false, maximumFractionDigits: 0 };

/** The largest number of tokens of a row. */
export function LengthField(props: {
  value: number;
  isDisabled: boolean;
  onChange: (value: number) => void;
}) {
  const { value, isDisabled, onChange } = props;
  return (
    <NumberField
      className="setting"
      value={value}
      minValue={MAX_LENGTH_RANGE.min}
      maxValue={MAX_LENGTH_RANGE.max}
      step={1}
      formatOptions={FORMAT}
      isDisabled={isDisabled}
      isWheelDisabled
      onChange={(next) => {
        // An emptied field gives NaN; the field then returns to the last value.
        if (Number.isFinite(next)) onChange(next);
      }}
    >
      <Label className="field-label">{strings.settings.maxLength}</Label>
      <Group className="number">
        <Button slot="decrement" className="number-step" aria-label={strings.settings.decrease}>
          −
        </Button>
        <Input className="number-input" />
        <Button slot="increment" className="number-step" aria-label={strings.settings.increase}>
          +
        </Button>
      </Group>
      <Text slot="description" className="help">
        {strings.settings.maxLengthHelp}
      </Text>
    </NumberField>
  );
}
