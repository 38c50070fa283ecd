import { DEMO_NOTICE } from '../../texts/demo-facts.ts';
import { strings } from './strings.ts';

const KINDS = ['whole', 'demo', 'demo-b'] as const;

/**
 * What a package says of itself in the page's language, where that is known: of the demo model. Others stay as they are.
 * What several adapters say alike is said once.
 */
export function noticeText(notice: string): string {
  const text = KINDS.reduce(
    (text, kind) => text.replaceAll(DEMO_NOTICE[kind], strings.model.demoNotice[kind]),
    notice,
  );
  const sentences = new Set(text.split(/(?<=\.)\s+|(?<=。)\s*/));
  // Japanese ones stand without a space between them.
  return [...sentences].join(' ').replaceAll('。 ', '。');
}
