import { Choice } from '../components/Choice.tsx';
import { EXAMPLES } from './examples.ts';
import { useExplorer, useExplorerStore } from './explorer-context.ts';
import { words } from './strings.ts';

const texts = words.source;
const OWN = '';

/** Where the pair comes from: examples, and what the chosen one is about. */
export function SourceBar() {
  const store = useExplorerStore();
  const source = useExplorer((state) => state.source);
  const example = EXAMPLES.find(({ id }) => source.kind === 'example' && source.id === id);
  const options = EXAMPLES.map(({ id, name }) => ({ id, label: name }));
  if (example === undefined) options.unshift({ id: OWN, label: texts.choose });
  return (
    <div className="source-bar">
      <Choice
        label={texts.examples}
        options={options}
        value={example?.id ?? OWN}
        onChange={(id) => {
          const chosen = EXAMPLES.find((other) => other.id === id);
          if (chosen !== undefined) store.setPair(chosen.pair, { kind: 'example', id });
        }}
      />
      <p className="help source-lesson">{example?.lesson}</p>
    </div>
  );
}
