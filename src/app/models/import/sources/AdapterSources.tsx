import { useId, useRef } from 'react';
import { Group } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { usePackages } from '../../state/context.ts';
import { AdapterOffers } from './AdapterOffers.tsx';
import { AdapterRow } from './AdapterRow.tsx';
import { SourcePicker } from './SourcePicker.tsx';

const words = strings.own;

/** The chosen adapters, and ways to add more. */
export function AdapterSources({ isDisabled }: { isDisabled: boolean }) {
  const form = usePackages((state) => state.form);
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const lost = form.adapters.find(({ source }) => source === null);
  // A continued import keeps the adapters that it began with.
  const isFull = form.resume !== null && lost === undefined;
  return (
    <Group className="source" aria-labelledby={id}>
      <h4 id={id} ref={heading} tabIndex={-1}>
        {words.adapters}
      </h4>
      {form.adapters.length > 0 && (
        <ul className="adapters">
          {form.adapters.map((adapter) => (
            <AdapterRow
              key={adapter.key}
              adapter={adapter}
              isDisabled={isDisabled}
              onRemoved={() => heading.current?.focus()}
            />
          ))}
        </ul>
      )}
      <AdapterOffers isDisabled={isDisabled} />
      {!isFull && (
        <SourcePicker
          place="adapter"
          title={lost === undefined ? words.adapter : words.adapterNamed(lost.name)}
          drop={lost === undefined ? words.adapterDrop : words.adapterAgainDrop(lost.name)}
          help={words.adapterHelp}
          isChosen={false}
          isDisabled={isDisabled}
        />
      )}
    </Group>
  );
}
