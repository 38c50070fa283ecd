import { lazy, Suspense } from 'react';
import { strings } from '../../i18n/strings.ts';
import { LongText } from './LongText.tsx';
import { useTextView } from './text-view.ts';

// The parser loads with the first rendered text.
const RenderedText = lazy(() => import('./RenderedText.tsx'));

/** A prompt or an answer with its name, in the chosen view. */
export function TextPart(props: {
  name: string;
  kind: 'prompt' | 'a' | 'b';
  /** Undefined if the turn does not exist. */
  text: string | undefined;
}) {
  const { name, kind, text } = props;
  return (
    <div className={`part part-${kind}`}>
      <h4 className="part-title">{name}</h4>
      {text === undefined || text === '' ? (
        <p className="help">{text === undefined ? strings.row.absent : strings.row.empty}</p>
      ) : (
        <TextInView text={text} />
      )}
    </div>
  );
}

function TextInView({ text }: { text: string }) {
  const view = useTextView();
  const plain = <LongText text={text} />;
  if (view === 'text') return plain;
  return (
    <Suspense fallback={plain}>
      <RenderedText text={text} />
    </Suspense>
  );
}
