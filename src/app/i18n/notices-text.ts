import type { Reading } from '../../domain/reading.ts';
import type { NoticeOf } from '../../engine/notices.ts';
import { DEMO_NOTICE } from '../../texts/demo-facts.ts';
import { strings } from './strings.ts';

type DemoNotice = keyof typeof DEMO_NOTICE;

const IDS = Object.keys(DEMO_NOTICE) as DemoNotice[];

/**
 * Joins the notices of models and adapters into one text: first the sentences that several share, once, then the rest,
 * each behind its model's or adapter's name. Notices of the demo model are put into the page's language; those of other
 * packages stay as they are. At the end stands what follows from the model's reading. Null if there is nothing to say.
 */
export function noticesText(
  notices: readonly NoticeOf[],
  reading: Reading = 'pair',
): string | null {
  const parts = [packagesText(notices), readingText(reading)].filter((part) => part !== null);
  return parts.length === 0 ? null : joined(parts);
}

function readingText(reading: Reading): string | null {
  if (reading === 'pair') return null;
  return reading === 'reward' ? strings.reading.uncalibratedNote : strings.reading.neverTie;
}

function packagesText(notices: readonly NoticeOf[]): string | null {
  const said = notices.map(({ name, notice }) => ({ name, sentences: sentencesOf(notice) }));
  const [first] = said;
  if (first === undefined) return null;
  const isShared = (sentence: string) =>
    said.filter(({ sentences }) => sentences.includes(sentence)).length > 1;
  const shared = new Set(said.flatMap(({ sentences }) => sentences).filter(isShared));
  const own = said.flatMap(({ name, sentences }) => {
    const rest = joined(sentences.filter((sentence) => !isShared(sentence)));
    if (rest === '') return [];
    return [name === null || said.length === 1 ? rest : strings.notice.by(name, rest)];
  });
  return joined([...shared, ...own]);
}

function sentencesOf(notice: string): string[] {
  const demo = demoNotices(notice);
  const sentences =
    demo?.map((id) => strings.notice.demo[id]) ?? notice.split(/(?<=\.)\s+|(?<=。)\s*/);
  return [...new Set(sentences)];
}

/** Recognises a notice of the demo model and returns its ids; null for any other text. */
function demoNotices(notice: string): DemoNotice[] | null {
  const found: DemoNotice[] = [];
  for (let rest = notice; rest !== ''; ) {
    const id = IDS.find((id) => rest.startsWith(DEMO_NOTICE[id]));
    if (id === undefined) return null;
    found.push(id);
    rest = rest.slice(DEMO_NOTICE[id].length).trimStart();
  }
  return found;
}

function joined(sentences: readonly string[]): string {
  return sentences.join(strings.notice.space);
}
