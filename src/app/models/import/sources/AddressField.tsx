import { type FormEvent, useState } from 'react';
import { Button } from 'react-aria-components';
import { errorLine } from '../../../i18n/error-text.ts';
import { strings } from '../../../i18n/strings.ts';
import { TextInput } from '../../../ui/controls/TextInput.tsx';
import { usePackagesStore } from '../../state/context.ts';
import type { Role } from '../../state/packages-state.ts';

const words = strings.own;

/** A field for the network address of a source. */
export function AddressField({ place, isDisabled }: { place: Role; isDisabled: boolean }) {
  const store = usePackagesStore();
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim() === '') return;
    const refused = store.form.takeAddress(place, text);
    setError(refused === null ? null : errorLine(refused));
    if (refused === null) setText('');
  }

  return (
    <form className="address" noValidate onSubmit={submit}>
      <TextInput
        label={words.address}
        placeholder={words.addressPlaceholder}
        help={words.addressHelps[place]}
        value={text}
        error={error}
        isDisabled={isDisabled}
        isVerbatim
        onChange={(next) => {
          setText(next);
          setError(null);
        }}
      >
        <Button type="submit" className="button" isDisabled={isDisabled}>
          {place === 'adapter' ? words.addAddress : words.take}
        </Button>
      </TextInput>
    </form>
  );
}
