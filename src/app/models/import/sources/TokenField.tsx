import { useRef } from 'react';
import { strings } from '../../../i18n/strings.ts';
import { TextInput } from '../../../ui/controls/TextInput.tsx';
import { usePackages, usePackagesStore } from '../../state/context.ts';

const words = strings.own;

/** The access token for gated repositories. Leaving the field applies it. */
export function TokenField({ isDisabled }: { isDisabled: boolean }) {
  const store = usePackagesStore();
  const token = usePackages(({ form }) => form.token);
  const tried = useRef(token);
  return (
    <TextInput
      label={words.token}
      help={words.tokenHelp}
      value={token}
      isDisabled={isDisabled}
      isSecret
      onChange={(text) => store.form.setToken(text)}
      onBlur={() => {
        if (token === tried.current) return;
        tried.current = token;
        void store.form.replan();
      }}
    />
  );
}
