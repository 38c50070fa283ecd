import './pair.css';
import { Button, Label, TextArea, TextField } from 'react-aria-components';
import type { Pair } from '../../../domain/settings.ts';
import { TextPart } from '../../ui/text/TextPart.tsx';
import { TextViewChoice } from '../../ui/text/TextViewChoice.tsx';
import { useTextView } from '../../ui/text/text-view.ts';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { EMPTY_PAIR } from '../state/explorer-state.ts';
import { words } from '../text/strings.ts';
import { JsonDialog } from './JsonDialog.tsx';
import { SourceBar } from './SourceBar.tsx';

const texts = words.pair;

/** The fields for prompt and answers, turn by turn. */
export function PairCard() {
  const store = useExplorerStore();
  const pair = useExplorer((state) => state.pair);
  const isRendered = useTextView() === 'rendered';
  const Field = isRendered ? ShownTurn : TurnField;
  const count = Math.max(pair.prompt.length, pair.responseA.length, pair.responseB.length);
  const turns = Array.from({ length: count }, (_, turn) => turn);
  return (
    <section className="card" aria-labelledby="pair-heading">
      <div className="card-head">
        <h3 id="pair-heading">{texts.heading}</h3>
        <div className="buttons card-buttons">
          <JsonDialog />
          <Button
            className="button button-small"
            onPress={() => store.setPair(EMPTY_PAIR, { kind: 'own' })}
          >
            {texts.clear}
          </Button>
        </div>
      </div>
      <SourceBar />
      <TextViewChoice />
      {turns.map((turn) => (
        <div key={turn} className="edit-turn">
          {count > 1 && (
            <div className="edit-turn-head">
              <h4 className="turn-title">{texts.turn(turn + 1, count)}</h4>
              {!isRendered && (
                <Button
                  className="button button-small"
                  aria-label={texts.removeTurn(turn + 1)}
                  onPress={() => store.removeTurn(turn)}
                >
                  {texts.remove}
                </Button>
              )}
            </div>
          )}
          <Field part="prompt" turn={turn} isOnly={count === 1} text={pair.prompt[turn]} />
          <div className="answers">
            <Field part="responseA" turn={turn} isOnly={count === 1} text={pair.responseA[turn]} />
            <Field part="responseB" turn={turn} isOnly={count === 1} text={pair.responseB[turn]} />
          </div>
        </div>
      ))}
      {!isRendered && (
        <div className="buttons">
          <Button className="button button-small" onPress={() => store.addTurn()}>
            {texts.addTurn}
          </Button>
        </div>
      )}
    </section>
  );
}

interface TurnProps {
  part: keyof Pair;
  turn: number;
  /** True for the only turn. */
  isOnly: boolean;
  /** Undefined if the text has fewer turns than the others. */
  text: string | undefined;
}

const KINDS = { prompt: 'prompt', responseA: 'a', responseB: 'b' } as const;

/** A turn as people saw it, to be read. */
function ShownTurn({ part, turn, isOnly, text }: TurnProps) {
  const name = texts[part];
  return (
    <TextPart name={isOnly ? name : texts.ofTurn(name, turn + 1)} kind={KINDS[part]} text={text} />
  );
}

/** A turn to be edited. */
function TurnField(props: TurnProps) {
  const { part, turn, isOnly, text } = props;
  const store = useExplorerStore();
  const name = texts[part];
  return (
    <TextField
      className={`edit edit-${part}`}
      value={text ?? ''}
      onChange={(value) => store.edit(part, turn, value)}
    >
      <span className="edit-head">
        <Label className="field-label">{isOnly ? name : texts.ofTurn(name, turn + 1)}</Label>
        <span className="help numbers" aria-hidden="true">
          {texts.characters((text ?? '').length)}
        </span>
      </span>
      <TextArea className="input edit-text" placeholder={texts.placeholders[part]} rows={3} />
    </TextField>
  );
}
