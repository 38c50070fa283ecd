import { useId } from 'react';
import { Label, Radio, RadioGroup, Switch } from 'react-aria-components';

/** A setting with a few named values, each explained. */
export function RadioSetting<T extends string>(props: {
  label: string;
  options: { id: T; label: string; help: string }[];
  value: T;
  isDisabled: boolean;
  note?: string;
  onChange: (value: T) => void;
}) {
  const { label, options, value, isDisabled, note, onChange } = props;
  const id = useId();
  return (
    <RadioGroup
      className="setting"
      value={value}
      isDisabled={isDisabled}
      onChange={(chosen) => {
        const option = options.find((other) => other.id === chosen);
        if (option !== undefined) onChange(option.id);
      }}
    >
      <Label className="field-label">{label}</Label>
      {options.map((option) => (
        <div className="radio-block" key={option.id}>
          <Radio className="radio" value={option.id} aria-describedby={`${id}-${option.id}`}>
            <span className="radio-dot" aria-hidden="true" />
            {option.label}
          </Radio>
          <p className="help" id={`${id}-${option.id}`}>
            {option.help}
          </p>
        </div>
      ))}
      {note !== undefined && <p className="help">{note}</p>}
    </RadioGroup>
  );
}

/** A setting that is on or off. */
export function SwitchSetting(props: {
  label: string;
  help: string;
  value: boolean;
  isDisabled: boolean;
  onChange: (value: boolean) => void;
}) {
  const { label, help, value, isDisabled, onChange } = props;
  const id = useId();
  return (
    <div className="setting">
      <Switch
        className="switch"
        isSelected={value}
        isDisabled={isDisabled}
        onChange={onChange}
        aria-describedby={id}
      >
        <span className="switch-track" aria-hidden="true" />
        {label}
      </Switch>
      <p className="help" id={id}>
        {help}
      </p>
    </div>
  );
}
