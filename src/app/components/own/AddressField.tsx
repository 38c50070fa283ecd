import { type FormEvent, useState } from 'react';
import { Button } from 'react-aria-components';
import { usePackagesStore } from '../../context.ts';
import { errorLine } from '../../error-text.ts';
import type { Role } from '../../packages-state.ts';
import { strings } from '../../strings.ts';
import { TextInput } from '../TextInput.tsx';

const words = strings.own;

/** Names where a source lies on the network. */
export function AddressField({ place, isDisabled }: { place: Role; isDisabled: boolean }) {
  const store = usePackagesStore();
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim() === '') return;
    const refused = store.takeAddress(place, text);
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
