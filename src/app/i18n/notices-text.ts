import type { NoticeOf } from '../../engine/engine.ts';
import { DEMO_NOTICE } from '../../texts/demo-facts.ts';
import { strings } from './strings.ts';

type DemoNotice = keyof typeof DEMO_NOTICE;

const IDS = Object.keys(DEMO_NOTICE) as DemoNotice[];

/**
 * What models and adapters say of themselves as one text: sentences that several share once, then each one's own behind
 * its name. What the demo model says is told in the page's language; other packages have texts of their own, which stay
 * as they are. Null where none says anything.
 */
export function noticesText(notices: readonly NoticeOf[]): string | null {
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

/** What a package of the demo model says, by ids; null for another text. */
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
