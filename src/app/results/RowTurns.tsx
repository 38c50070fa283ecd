import { useEffect, useState } from 'react';
import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { RowTexts } from '../../scoring/rows/row-index.ts';
import { strings } from '../i18n/strings.ts';
import { useClient } from '../state/context.ts';
import { ErrorNote } from '../ui/feedback/ErrorNote.tsx';
import { TextPart } from '../ui/text/TextPart.tsx';
import { TextViewChoice } from '../ui/text/TextViewChoice.tsx';

const words = strings.row;

type Reading = { texts: RowTexts } | { error: TiebreakError } | null;

/**
 * Shows the conversation of a row: for each turn the prompt, and the two answers side by side. For a row that cannot be
 * scored it shows the raw cells and the reason.
 */
export function RowTurns({ row }: { row: number }) {
  const client = useClient();
  const [reading, setReading] = useState<Reading>(null);
  useEffect(() => {
    let stale = false;
    client.readRow(row).then(
      (texts) => stale || setReading({ texts }),
      (thrown) => stale || setReading({ error: asTiebreakError(thrown) }),
    );
    return () => {
      stale = true;
    };
  }, [client, row]);

  if (reading === null) return <p className="help">{words.loading}</p>;
  if ('error' in reading) return <ErrorNote error={reading.error} />;
  const { prompt, responseA, responseB, problem } = reading.texts;
  const count = Math.max(prompt.length, responseA.length, responseB.length);
  const turns = Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    prompt: prompt[i],
    a: responseA[i],
    b: responseB[i],
  }));
  const sections = turns.map(({ number, prompt, a, b }) => (
    <section key={number} className="turn">
      {count > 1 && <h3 className="turn-title">{words.turn(number, count)}</h3>}
      <TextPart name={words.prompt} kind="prompt" text={prompt} />
      <div className="answers">
        <TextPart name={words.answerA} kind="a" text={a} />
        <TextPart name={words.answerB} kind="b" text={b} />
      </div>
    </section>
  ));
  if (problem === null) {
    return (
      <>
        <TextViewChoice />
        {sections}
      </>
    );
  }
  return (
    <>
      <ErrorNote error={problem} />
      <p className="help">{words.cells}</p>
      {sections}
    </>
  );
}
