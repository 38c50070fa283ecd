import { TiebreakError } from '../domain/errors.ts';

/** `\s` of patterns in tokenizer.json is Unicode's White_Space; that of JavaScript has U+FEFF and lacks U+0085. */
const SPACE = '\\t-\\r\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
/** Letters outside ASCII that a case-insensitive comparison takes for an ASCII one. */
const FOLDED: Readonly<Record<string, string>> = { k: '\u212a', s: '\u017f' };

/** Parts of a pattern that mean the same in JavaScript, or that {@link splitPattern} translates. */
const PART =
  /\(\?i:|\(\?:|\(\?[=!]|[()|]|\\[pP]\{\w+\}|\\[rnt]|\\[sS]|[?*+]|\{\d+(?:,\d*)?\}|\[\^?|\]|[^\\[\](){}|?*+^$.]/gu;

/**
 * The regular expression of a `Split` pre-tokenizer, for JavaScript: sticky, with the meaning that Oniguruma gives it.
 * @throws TiebreakError `tokens/bad-tokenizer` for a construct that is not known to mean the same.
 */
export function splitPattern(source: string): RegExp {
  let result = '';
  let at = 0;
  let inClass = false;
  let previous = '';
  /** For each open group, whether it ignores case. */
  const groups: boolean[] = [];
  for (const { 0: part, index } of source.matchAll(PART)) {
    if (index !== at) break;
    at += part.length;
    // A repeated group can take time that grows exponentially with the text, and the file is untrusted.
    if (previous === ')' && /^[*+{]/.test(part)) throw unsupported(`)${part}`);
    previous = inClass ? '' : part;
    const ignoresCase = groups.at(-1) ?? false;
    // A class in a class, and `&&`, join sets in Oniguruma.
    if (inClass && (part.startsWith('[') || part === '&')) throw unsupported(source.slice(index));
    if (part.startsWith('[')) inClass = true;
    else if (part === ']') inClass = false;
    else if (!inClass && part.startsWith('(')) {
      // Lookaheads and groups inside a group that ignores case ignore it too.
      groups.push(ignoresCase || part === '(?i:');
    } else if (!inClass && part === ')') groups.pop();
    result += translate(part, ignoresCase, inClass);
  }
  if (at !== source.length) throw unsupported(source.slice(at));
  try {
    return new RegExp(result, 'uy');
  } catch {
    throw unsupported(source);
  }
}

function translate(part: string, ignoresCase: boolean, inClass: boolean): string {
  if (part === '(?i:') return '(?:';
  if (part === '\\s') return inClass ? SPACE : `[${SPACE}]`;
  if (part === '\\S') {
    if (inClass) throw unsupported('[\\S]');
    return `[^${SPACE}]`;
  }
  if (!ignoresCase || part.length > 1) return part;
  if (inClass) throw unsupported('(?i:[…])');
  const lower = part.toLowerCase();
  const upper = part.toUpperCase();
  return lower === upper ? part : `[${lower}${upper}${FOLDED[lower] ?? ''}]`;
}

function unsupported(pattern: string): TiebreakError {
  return new TiebreakError('tokens/bad-tokenizer:pattern', { params: { pattern } });
}
