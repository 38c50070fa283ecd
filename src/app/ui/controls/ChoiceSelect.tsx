import { useEffect, useRef, useState } from 'react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select, Text } from 'react-aria-components';
import { type ChoiceProps, Chosen } from './choice-parts.tsx';

/** The select of a `Choice`. `opens`: it was pressed before it had loaded, and opens at once. */
export default function ChoiceSelect(props: ChoiceProps & { opens: boolean }) {
  const { label, options, value, onChange, help, isDisabled, opens } = props;
  const [isOpen, setOpen] = useState(false);
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!opens) return;
    // The focus comes back here when the list closes.
    field.current?.querySelector('button')?.focus();
    setOpen(true);
  }, [opens]);
  return (
    <Select
      ref={field}
      className="field"
      selectedKey={value}
      isDisabled={isDisabled}
      isOpen={isOpen}
      onOpenChange={setOpen}
      onSelectionChange={(key) => {
        const option = options.find(({ id }) => id === key);
        if (option !== undefined && option.id !== value) onChange(option.id);
      }}
    >
      <Label className="field-label">{label}</Label>
      <Button className="select">
        <Chosen options={options} value={value} />
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
