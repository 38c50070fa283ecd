import { Button } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { TextInput } from '../../../ui/controls/TextInput.tsx';
import { usePackages, usePackagesStore } from '../../state/context.ts';
import { type FormAdapter, nameFaults } from '../../state/import-form.ts';
import { SourceLine } from './SourceLine.tsx';

const words = strings.own;

/** One adapter with its future name. */
export function AdapterRow(props: {
  adapter: FormAdapter;
  isDisabled: boolean;
  onRemoved: () => void;
}) {
  const { adapter, isDisabled, onRemoved } = props;
  const { key, name } = adapter;
  const store = usePackagesStore();
  const fault = usePackages(({ form }) => nameFaults(form.adapters).get(key));
  const isResumed = usePackages(({ form }) => form.resume !== null);
  return (
    <li className="adapter">
      <SourceLine chosen={adapter} isDisabled={isDisabled} />
      <TextInput
        label={words.adapterName}
        value={name}
        error={fault === undefined ? null : words.nameFaults[fault]}
        isDisabled={isDisabled}
        isReadOnly={isResumed}
        isVerbatim
        onChange={(text) => store.form.renameAdapter(key, text)}
      >
        <Button
          className="button button-small"
          aria-label={isResumed ? words.adapterAgain(name) : words.removeAdapter(name)}
          isDisabled={isDisabled || (isResumed && adapter.source === null)}
          onPress={() => {
            store.form.removeAdapter(key);
            onRemoved();
          }}
        >
          {isResumed ? words.again : words.remove}
        </Button>
      </TextInput>
    </li>
  );
}
