import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { LazyBody } from '../lazy/LazyBody.tsx';
import { LazyPart } from '../lazy/lazy-part.ts';
import { type ChoiceProps, Chosen } from './choice-parts.tsx';

// The list and its positioning are a tenth of the page's scripts, and a closed select needs neither.
const SELECT = new LazyPart(() => import('./ChoiceSelect.tsx'));

/** A labelled select. Until its script has loaded it is a button that looks the same, and loads it. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const [step, setStep] = useState<'closed' | 'opens' | 'there'>(
    SELECT.hasArrived ? 'there' : 'closed',
  );
  const { options, onChange } = props;
  const closed = <ClosedChoice {...props} onOpen={() => setStep('opens')} />;
  if (step === 'closed') return closed;
  const choose = (id: string) => {
    const option = options.find((known) => known.id === id);
    if (option !== undefined) onChange(option.id);
  };
  return (
    <LazyBody
      part={SELECT}
      props={{ ...props, onChange: choose, opens: step === 'opens' }}
      fallback={closed}
    />
  );
}

/** Looks and reads like the closed select, which {@link Choice} puts in its place when it is pressed. */
function ClosedChoice<T extends string>(props: ChoiceProps<T> & { onOpen: () => void }) {
  const { label, options, value, help, isDisabled, onOpen } = props;
  const id = useId();
  return (
    <div className="field">
      <span className="field-label" id={`${id}-label`}>
        {label}
      </span>
      <Button
        className="select"
        isDisabled={isDisabled}
        aria-haspopup="listbox"
        aria-expanded={false}
        aria-labelledby={`${id}-value ${id}-label`}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onPress={onOpen}
        onKeyDown={({ key }) => {
          if (key === 'ArrowDown' || key === 'ArrowUp') onOpen();
        }}
      >
        <Chosen id={`${id}-value`} options={options} value={value} />
      </Button>
      {help !== undefined && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
    </div>
  );
}
