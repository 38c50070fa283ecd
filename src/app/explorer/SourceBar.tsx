import { Button, Group, Input, Label, NumberField, Text } from 'react-aria-components';
import { samePair } from '../../explore/counterfactuals.ts';
import { Choice } from '../components/Choice.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { useApp, useStore } from '../context.ts';
import { probability } from '../format.ts';
import { EXAMPLES } from './examples.ts';
import { useExplorer, useExplorerStore } from './explorer-context.ts';
import { showRow } from './show-row.ts';
import { words } from './strings.ts';

const texts = words.source;
const OWN = '';

/** Where the pair comes from: examples, rows of the open file, and what is known about the one that is shown. */
export function SourceBar() {
  const store = useExplorerStore();
  const { source, original, openError } = useExplorer((state) => state);
  const isEdited = useExplorer((state) => !samePair(state.pair, state.original));
  const example = EXAMPLES.find(({ id }) => source.kind === 'example' && source.id === id);
  const options = EXAMPLES.map(({ id, name }) => ({ id, label: name }));
  if (example === undefined) options.unshift({ id: OWN, label: texts.choose });
  return (
    <>
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
        <RowPicker />
      </div>
      {openError !== null && <ErrorNote error={openError} />}
      <div className="source-line">
        <p className="help">
          {example?.lesson}
          <SourceText /> {isEdited && texts.edited}
        </p>
        {isEdited && (
          <Button className="button button-small" onPress={() => store.setPair(original, source)}>
            {texts.reset}
          </Button>
        )}
      </div>
    </>
  );
}

/** What was said about the pair elsewhere: by the run, or by the sender of a link. */
function SourceText() {
  const { rows } = useStore();
  const source = useExplorer((state) => state.source);
  useApp((state) => state.rowsVersion);
  if (source.kind === 'link') {
    if (source.said === undefined) return texts.link;
    const { model, mean } = source.said;
    return texts.linkSaid(model, probability(mean[0]), probability(mean[1]), probability(mean[2]));
  }
  if (source.kind !== 'row') return null;
  const { row, id } = source;
  if (!rows.has(row)) return texts.rowId(id);
  const [a, b, tie] = [0, 1, 2].map((c) => probability(rows.probabilities[3 * row + c]!));
  return `${texts.rowId(id)} ${texts.runSaid(a!, b!, tie!)}`;
}

/** Steps through the rows of the open file. */
function RowPicker() {
  const csv = useApp((state) => state.csv);
  const source = useExplorer((state) => state.source);
  if (csv.status !== 'ready' || csv.summary.rows === 0) return null;
  const { name, rows } = csv.summary;
  return (
    <NumberField
      className="field row-picker"
      value={source.kind === 'row' ? source.row + 1 : Number.NaN}
      minValue={1}
      maxValue={rows}
      isWheelDisabled
      onChange={(row) => {
        if (Number.isFinite(row)) showRow(row - 1);
      }}
    >
      <Label className="field-label">{texts.row}</Label>
      <div className="row-line">
        <Group className="number">
          <Button slot="decrement" className="number-step" aria-label={texts.previous}>
            ‹
          </Button>
          <Input className="number-input" />
          <Button slot="increment" className="number-step" aria-label={texts.next}>
            ›
          </Button>
        </Group>
        <span className="help">{texts.rowOf(rows, name)}</span>
      </div>
      <Text slot="description" className="help">
        {texts.rowHelp}
      </Text>
    </NumberField>
  );
}
