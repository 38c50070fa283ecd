import './tokens.css';
import { useState } from 'react';
import { Button, Label, Radio, RadioGroup, Switch } from 'react-aria-components';
import { PAIR_PARTS } from '../../../domain/pair.ts';
import { type SeenText, TOKEN_PARTS, type TokenPart } from '../../../tokens/seen.ts';
import { betweenSentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import { modelReading } from '../../page/state.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { LongText } from '../../ui/text/LongText.tsx';
import { useExplorer, useExplorerStore } from '../state/explorer-context.ts';
import { words } from '../text/strings.ts';

const texts = words.tokens;
/** Most boxes that are shown, since laying out more takes a browser long. */
const SHOWN = 3000;

/** Shows the tokens of the text, each with its part of the pair, and the text that was truncated. */
export function TokensCard() {
  const store = useExplorerStore();
  const { isWanted, swapped, seen } = useExplorer((state) => state.tokens);
  const isReward = useApp((state) => modelReading(state) === 'reward');
  return (
    <section className="card" aria-labelledby="tokens-heading">
      <div className="card-head">
        <h3 id="tokens-heading">{texts.heading}</h3>
        <Button
          className="button button-small"
          onPress={() => store.tokens.show({ isWanted: !isWanted })}
        >
          {isWanted ? texts.hide : texts.show}
        </Button>
      </div>
      {isWanted && (
        <>
          <RadioGroup
            className="pick"
            orientation="horizontal"
            value={String(swapped)}
            onChange={(value) => store.tokens.show({ swapped: value === 'true' })}
          >
            <Label className="field-label">
              {isReward ? strings.reading.conversation : texts.order}
            </Label>
            <Radio className="radio" value="false">
              <span className="radio-dot" aria-hidden="true" />
              {isReward ? strings.reading.answers[0] : words.result.forward}
            </Radio>
            <Radio className="radio" value="true">
              <span className="radio-dot" aria-hidden="true" />
              {isReward ? strings.reading.answers[1] : words.result.swapped}
            </Radio>
          </RadioGroup>
          {seen === null ? <p className="help">{texts.help}</p> : <Tokens seen={seen} />}
        </>
      )}
    </section>
  );
}

function Tokens({ seen }: { seen: SeenText }) {
  const maxLength = useApp((state) => state.settings.maxLength);
  const [all, setAll] = useState(false);
  const [showsIds, setShowsIds] = useState(false);
  const { pieces, literal, unseen } = seen;
  const shown = all ? pieces.length : Math.min(SHOWN, pieces.length);
  const spelled = [...new Set(literal.map((i) => pieces[i]))].join(' ');
  return (
    <>
      <p>
        <strong className="numbers">{texts.count(pieces.length, maxLength)}</strong>
        {betweenSentences}
        {cutText(seen)}
      </p>
      <Switch className="switch" isSelected={showsIds} onChange={setShowsIds}>
        <span className="switch-track" aria-hidden="true" />
        {texts.ids}
      </Switch>
      {literal.length > 0 && <Notice text={texts.literal(spelled)} />}
      <div className="token-groups">
        {groupsOf(seen, shown).map(({ part, turn, start, end }) => (
          <div key={start} className={`token-group token-${part}`}>
            <span className="token-name">{texts.group(nameOf(part, turn, seen), end - start)}</span>
            <span className="token-boxes">
              {pieces.slice(start, end).map((piece, i) => (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: only the index identifies a token
                  key={start + i}
                  className={literal.includes(start + i) ? 'token token-literal' : 'token'}
                >
                  {visible(piece)}
                  {showsIds && <span className="token-id">{seen.ids[start + i]}</span>}
                </span>
              ))}
            </span>
          </div>
        ))}
      </div>
      {shown < pieces.length && (
        <Button className="button button-small" onPress={() => setAll(true)}>
          {texts.all(pieces.length)}
        </Button>
      )}
      {unseen.map(({ part, turn, text }) => (
        <div key={`${part} ${turn} ${text.length}`} className="part unseen">
          <h4 className="part-title">{texts.unseen(nameOf(part, turn, seen))}</h4>
          <LongText text={text} />
        </div>
      ))}
      <p className="help">{texts.help}</p>
    </>
  );
}

/** Groups adjacent tokens of the same turn. */
function groupsOf({ parts, turns }: SeenText, count: number) {
  const groups: { part: TokenPart; turn: number; start: number; end: number }[] = [];
  for (let i = 0; i < count; i += 1) {
    const part = TOKEN_PARTS[parts[i]!]!;
    const turn = turns[i]!;
    const last = groups.at(-1);
    if (last?.part === part && last.turn === turn) last.end = i + 1;
    else groups.push({ part, turn, start: i, end: i + 1 });
  }
  return groups;
}

function nameOf(part: TokenPart, turn: number, { turns }: SeenText): string {
  const name = texts.parts[part];
  const hasTurns = turn > 0 || turns.some((other) => other > 0);
  const isText = part !== 'special' && part !== 'template';
  return isText && hasTurns ? words.pair.ofTurn(name, turn + 1) : name;
}

function cutText({ cut }: SeenText): string {
  const lines = [
    ...PAIR_PARTS.flatMap((part) =>
      cut[part] > 0 ? [texts.cut(cut[part], texts.parts[part])] : [],
    ),
    ...(cut.turns > 0 ? [texts.turnsDropped(cut.turns)] : []),
  ];
  return lines.length === 0 ? texts.nothingCut : lines.join('; ');
}

function visible(piece: string): string {
  return piece.replaceAll(' ', '·').replaceAll('\n', '↵').replaceAll('\t', '⇥') || '∅';
}
