import { useState } from 'react';
import { Button, Label, TextArea, TextField } from 'react-aria-components';
import { asTiebreakError, type TiebreakError } from '../../../domain/errors.ts';
import { noticeLine } from '../../../engine/notices.ts';
import { pairCsv, pairJson } from '../../../explore/formats.ts';
import { encodeLink } from '../../../explore/link.ts';
import { rewardsOf } from '../../../stats/pair/order-scores.ts';
import { UNCALIBRATED } from '../../../texts/reading-facts.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { useExplorerStore } from '../state/explorer-context.ts';
import type { ExplorerState, Score } from '../state/explorer-state.ts';
import { words } from '../text/strings.ts';

const texts = words.share;

/** Copies the pair: as a link, as JSON, as a row of a CSV file. */
export function ShareCard() {
  const store = useExplorerStore();
  const [said, setSaid] = useState('');
  const [error, setError] = useState<TiebreakError | null>(null);
  const [denied, setDenied] = useState<string | null>(null);

  async function copy(
    make: (state: ExplorerState) => string | Promise<string>,
    done: string | ((text: string) => string),
  ) {
    setSaid('');
    setError(null);
    setDenied(null);
    try {
      const text = await make(store.getState());
      try {
        await navigator.clipboard.writeText(text);
        setSaid(typeof done === 'string' ? done : done(text));
      } catch {
        setDenied(text);
      }
    } catch (thrown) {
      setError(asTiebreakError(thrown));
    }
  }

  return (
    <section className="card" aria-labelledby="share-heading">
      <h3 id="share-heading">{texts.heading}</h3>
      <div className="buttons">
        <Button
          className="button"
          onPress={() => void copy(linkOf, (link) => texts.copied.link(link.length))}
        >
          {texts.link}
        </Button>
        <Button className="button" onPress={() => void copy(jsonOf, texts.copied.json)}>
          {texts.json}
        </Button>
        <Button className="button" onPress={() => void copy(csvOf, texts.copied.csv)}>
          {texts.csv}
        </Button>
      </div>
      <p className="help share-said" role="status">
        {said}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {denied !== null && (
        <TextField className="field text-field" value={denied} isReadOnly>
          <Label className="help">{texts.denied}</Label>
          <TextArea className="input" rows={4} aria-label={texts.copyField} />
        </TextField>
      )}
      <p className="help">{texts.help}</p>
    </section>
  );
}

/** The score, if it belongs to the present pair. */
function current({ score, pair }: ExplorerState): Score | null {
  return score?.pair === pair ? score : null;
}

async function linkOf(state: ExplorerState): Promise<string> {
  const score = current(state);
  const data = await encodeLink({
    pair: state.pair,
    ...(score && {
      said: {
        model: score.engine.model.slice(0, 200),
        adapter: score.engine.adapter?.slice(0, 400) ?? null,
        mean: score.scores.mean,
      },
    }),
  });
  const address = new URL(location.href);
  // The receiver's own language suits them better.
  address.searchParams.delete('lang');
  address.hash = `explore?d=${data}`;
  return address.href;
}

function jsonOf(state: ExplorerState): string {
  const score = current(state);
  const { source } = state;
  const isReward = score?.engine.reading === 'reward';
  return pairJson(
    state.pair,
    score && { ...score.scores, ...(isReward && { rewards: rewardsOf(score.scores) }) },
    score && {
      model: score.engine.model,
      adapter: score.engine.adapter,
      computed_on: score.engine.computesOn,
      precision: score.engine.precision,
      soft_cap: score.engine.softCap,
      // Typed text has no text mode.
      text_mode: source.kind === 'row' ? source.textMode : null,
      max_length: score.settings.maxLength,
      truncation: score.settings.spread ? 'spread' : score.settings.truncation,
      tokens: score.facts[0].tokens,
      ...(isReward && { tokens_of_b: score.facts[1].tokens, probabilities: UNCALIBRATED }),
      notice: noticeLine(score.notices),
    },
  );
}

function csvOf({ pair, source }: ExplorerState): string {
  return pairCsv(source.kind === 'row' ? source.id : '1', pair);
}
