export interface ChoiceProps<T extends string = string> {
  label: string;
  options: { id: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
  help?: string;
  isDisabled?: boolean;
}

/** The label of the chosen option, inside the button of a select. */
export function Chosen({
  id,
  options,
  value,
}: Pick<ChoiceProps, 'options' | 'value'> & { id?: string }) {
  return (
    <>
      <span className="select-value" id={id}>
        {options.find((option) => option.id === value)?.label ?? ''}
      </span>
      <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d="m4 6.5 4 4 4-4" />
      </svg>
    </>
  );
}
