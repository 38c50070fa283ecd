import { Button, Group, Input, Label, NumberField, Text } from 'react-aria-components';
import { samePair } from '../../../domain/pair.ts';
import { MAX_CHARACTERS } from '../../../explore/clip.ts';
import { betweenSentences, probability, sentences } from '../../i18n/format.ts';
import { useApp, useStore } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { EXAMPLES } from '../state/examples.ts';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { showRow } from '../state/show-row.ts';
import { words } from '../text/strings.ts';

const texts = words.source;
const OWN = '';

/** The source of the pair: examples, rows of the open file, and facts about the present source. */
export function SourceBar() {
  const store = useExplorerStore();
  const source = useExplorer((state) => state.source);
  const original = useExplorer((state) => state.original);
  const openError = useExplorer((state) => state.openError);
  const clipped = useExplorer((state) => state.clipped);
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
      {clipped.length > 0 && (
        <Notice
          text={sentences(
            ...clipped.map(({ part, length }) =>
              texts.clipped(words.pair[part], MAX_CHARACTERS, length),
            ),
          )}
        />
      )}
      <div className="source-line">
        <p className="help">
          {example?.lesson}
          <SourceText />
          {betweenSentences}
          {isEdited && texts.edited}
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

/** The numbers for the pair from the run, or from the sender of a link. */
function SourceText() {
  const { rows } = useStore();
  const source = useExplorer((state) => state.source);
  useApp((state) => state.rowsVersion);
  if (source.kind === 'link' || source.kind === 'json') {
    if (source.said === undefined) return texts.from[source.kind];
    const { model, mean } = source.said;
    const [a, b, tie] = mean.map((p) => probability(p));
    return sentences(texts.from[source.kind], texts.senderSaid(model, a!, b!, tie!));
  }
  if (source.kind !== 'row') return null;
  const { row, id } = source;
  if (!rows.has(row)) return texts.rowId(id);
  const [a, b, tie] = [0, 1, 2].map((c) => probability(rows.probabilities[3 * row + c]!));
  return sentences(texts.rowId(id), texts.runSaid(a!, b!, tie!));
}

/** Steps through the rows of the open file. */
function RowPicker() {
  const store = useExplorerStore();
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
        if (Number.isFinite(row)) showRow(store, row - 1);
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
