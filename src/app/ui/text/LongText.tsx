import { useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';

/** Characters that are shown at first: laying out a megabyte of text takes a browser seconds. */
const SHOWN = 20_000;
/** Characters that each press adds. */
const STEP = 50_000;
/** Most characters in all; more would block the page at every press. */
const MOST = 500_000;

/**
 * Shows a text verbatim: line breaks are kept, and nothing is markup. Of a long text it shows the beginning, and more
 * on request.
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
