import { Button, Label, ListBox, ListBoxItem, Popover, Select, Text } from 'react-aria-components';

interface ChoiceProps<T extends string> {
  label: string;
  options: { id: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
  help?: string;
  isDisabled?: boolean;
}

/** A labelled select. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, options, value, onChange, help, isDisabled } = props;
  const chosen = options.find(({ id }) => id === value);
  return (
    <Select
      className="field"
      selectedKey={value}
      isDisabled={isDisabled}
      onSelectionChange={(key) => {
        const option = options.find(({ id }) => id === key);
        if (option !== undefined && option.id !== value) onChange(option.id);
      }}
    >
      <Label className="field-label">{label}</Label>
      <Button className="select">
        <span className="select-value">{chosen?.label ?? ''}</span>
        <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 6.5 4 4 4-4" />
        </svg>
      </Button>
      {help !== undefined && (
        <Text slot="description" className="help">
          {help}
        </Text>
      )}
      <Popover className="popover">
        <ListBox className="listbox" items={options}>
          {(option) => (
            <ListBoxItem className="option" id={option.id} textValue={option.label}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
