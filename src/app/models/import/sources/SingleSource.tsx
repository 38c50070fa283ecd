import { useId } from 'react';
import { Group } from 'react-aria-components';
import { usePackages } from '../../state/context.ts';
import { SourceLine } from './SourceLine.tsx';
import { SourcePicker } from './SourcePicker.tsx';

/** The chosen checkpoint or tokenizer, and ways to choose one. */
export function SingleSource(props: {
  place: 'base' | 'tokenizer';
  title: string;
  drop: string;
  help: string;
  isDisabled: boolean;
}) {
  const { place, title, drop, help, isDisabled } = props;
  const chosen = usePackages(({ form }) => form[place]);
  const id = useId();
  return (
    <Group className="source" aria-labelledby={id}>
      <h4 id={id}>{title}</h4>
      {chosen !== null && <SourceLine chosen={chosen} isDisabled={isDisabled} />}
      <SourcePicker
        place={place}
        title={title}
        drop={drop}
        help={help}
        isChosen={chosen !== null && chosen.source !== null}
        isDisabled={isDisabled}
      />
    </Group>
  );
}
