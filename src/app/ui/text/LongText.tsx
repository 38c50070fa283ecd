import { useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';

/** Laying out a text of a megabyte takes a browser seconds; so many characters are shown without asking. */
const SHOWN = 20_000;
/** And so many more with each press. */
const STEP = 50_000;
/** More would stop the page at every press. */
const MOST = 500_000;

/**
 * A text as it is: line breaks kept, nothing in it is markup. Of a long one the beginning, and more of it bit by bit.
 */
export function LongText({ text }: { text: string }) {
  const [wanted, setWanted] = useState(SHOWN);
  const shown = Math.min(text.length, wanted, MOST);
  const left = Math.min(text.length, MOST) - shown;
  return (
    <>
      <div className="text">{shown < text.length ? `${text.slice(0, shown)}…` : text}</div>
      {left > 0 && (
        <Button className="button button-small" onPress={() => setWanted(shown + STEP)}>
          {strings.row.showNext(Math.min(STEP, left), text.length - shown)}
        </Button>
      )}
      {left === 0 && shown < text.length && (
        <p className="help">{strings.row.notShown(shown, text.length)}</p>
      )}
    </>
  );
}
