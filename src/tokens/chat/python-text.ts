// Methods of Python's `str` that differ from those of JavaScript or of @huggingface/jinja.

/** The white space of `str.isspace`, as the inside of a character class. */
const SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const WORDS = new RegExp(`[^${SPACE}]+`, 'gu');
const WORD_AND_REST = new RegExp(`[^${SPACE}({\\[<-]+`, 'gu');
const IS_SPACE = new RegExp(`^[${SPACE}]$`);

/** `str.strip`, `lstrip` or `rstrip`: removes `characters` (white space if null) from both ends or one. */
export function strip(
  text: string,
  characters: string | null,
  side: 'both' | 'left' | 'right',
): string {
  const set = characters === null ? null : new Set(characters);
  const isRemoved = (character: string) => set?.has(character) ?? IS_SPACE.test(character);
  let from = 0;
  let to = text.length;
  if (side !== 'right') {
    for (const character of text) {
      if (!isRemoved(character)) break;
      from += character.length;
    }
  }
  if (side !== 'left') {
    while (to > from) {
      const last = lastCharacter(text, to);
      if (!isRemoved(last)) break;
      to -= last.length;
    }
  }
  return text.slice(from, to);
}

/** The character that ends before `to`, as a surrogate pair where it is one. */
function lastCharacter(text: string, to: number): string {
  const pair = text.slice(Math.max(0, to - 2), to);
  return pair.length === 2 && pair.codePointAt(0)! > 0xffff ? pair : text[to - 1]!;
}

/** `str.split`: at `separator`, or at white space if null; at most `most` times unless that is negative. */
export function split(text: string, separator: string | null, most: number): string[] {
  if (separator === '') throw new Error('empty separator');
  if (separator === null) return splitAtSpace(text, most);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitAtSpace(text: string, most: number): string[] {
  const parts: string[] = [];
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (parts.length === most) {
      parts.push(text.slice(index));
      break;
    }
    parts.push(word);
  }
  return parts;
}

/**
 * The pieces between which `str.replace` puts the new text: those around `old`, which may be empty, of which at most
 * `most` are replaced unless that is negative.
 */
export function replacedPieces(text: string, old: string, most: number): string[] {
  const pieces = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  if (most < 0 || pieces.length <= most + 1) return pieces;
  return [...pieces.slice(0, most), pieces.slice(most).join(old)];
}

/** `str.capitalize` */
export function capitalize(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** Jinja's filter `title`: a word begins after white space, a hyphen or an opening bracket. */
export function titleOfWords(text: string): string {
  return text.replace(WORD_AND_REST, capitalize);
}

/** `str.title`: a word begins after anything but a letter. */
export function title(text: string): string {
  return text.replace(
    /(\p{L})(\p{L}*)/gu,
    (_, first: string, rest: string) => first.toUpperCase() + rest.toLowerCase(),
  );
}
