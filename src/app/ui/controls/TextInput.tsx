import type { ReactNode } from 'react';
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components';

/** A labelled line of text. */
export function TextInput(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  help?: string;
  /** The error in the value; null for none. */
  error?: string | null;
  placeholder?: string;
  isDisabled?: boolean;
  isReadOnly?: boolean;
  /** Hides the value and keeps the browser from storing it. */
  isSecret?: boolean;
  /** Switches off spelling checks. */
  isVerbatim?: boolean;
  /** Takes the focus when it appears. */
  isFocused?: boolean;
  onBlur?: () => void;
  /** A button beside the field. */
  children?: ReactNode;
}) {
  const { label, value, onChange, help, error = null, placeholder, children } = props;
  const { isDisabled, isReadOnly, isSecret, isVerbatim, isFocused, onBlur } = props;
  return (
    <TextField
      className="field text-field"
      value={value}
      type={isSecret ? 'password' : 'text'}
      autoComplete="off"
      spellCheck={isSecret || isVerbatim ? 'false' : undefined}
      isDisabled={isDisabled}
      isReadOnly={isReadOnly}
      isInvalid={error !== null}
      validationBehavior="aria"
      autoFocus={isFocused}
      onChange={onChange}
      onBlur={onBlur}
    >
      <Label className="field-label">{label}</Label>
      <div className="input-line">
        <Input className="input" placeholder={placeholder} />
        {children}
      </div>
      {help !== undefined && error === null && (
        <Text slot="description" className="help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}
