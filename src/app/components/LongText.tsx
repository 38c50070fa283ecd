import { useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../strings.ts';

/** Laying out a text of a megabyte takes a browser seconds; so much is shown without asking. */
const SHOWN = 20_000;

/** A text as it is: line breaks kept, nothing in it is markup. */
export function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const isCut = !all && text.length > SHOWN;
  return (
    <>
      <div className="text">{isCut ? `${text.slice(0, SHOWN)}…` : text}</div>
      {isCut && (
        <Button className="button button-small" onPress={() => setAll(true)}>
          {strings.row.showAll(text.length)}
        </Button>
      )}
    </>
  );
}
