import './rendered.css';
import { useMemo } from 'react';
import { strings } from '../../i18n/strings.ts';
import { LongText } from './LongText.tsx';
import { renderMarkdown } from './markdown.ts';

/** Characters above which a text is not rendered: parsing and laying it out would block the page for seconds. */
const MAX_CHARACTERS = 100_000;

/** Shows a text as a chat page would: with its Markdown rendered, but with nothing that loads or can be followed. */
export default function RenderedText({ text }: { text: string }) {
  const isLong = text.length > MAX_CHARACTERS;
  const content = useMemo(() => (isLong ? null : renderMarkdown(text)), [text, isLong]);
  if (content !== null) return <div className="rendered">{content}</div>;
  const { tooLong, tooDeep } = strings.row.rendered;
  return (
    <>
      <p className="help">{isLong ? tooLong(MAX_CHARACTERS) : tooDeep}</p>
      <LongText text={text} />
    </>
  );
}
