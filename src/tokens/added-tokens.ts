import { isObject, type Json, unsupported } from './tokenizer-json.ts';

/** An entry of `added_tokens`. */
export interface AddedToken {
  id: number;
  content: string;
  special: boolean;
  /** True for a token that is looked for in the normalised text. */
  normalized: boolean;
}

/**
 * The entries of `added_tokens` of a tokenizer.json.
 * @throws TiebreakError `tokens/bad-tokenizer` for an entry without id or content, or one that looks at white space or
 * words around it.
 */
export function readAddedTokens({ added_tokens: added }: Json): AddedToken[] {
  if (added === undefined || added === null) return [];
  if (!Array.isArray(added)) throw unsupported('added_tokens');
  return added.map((entry: unknown) => {
    const { id, content, special, normalized, ...flags } = isObject(entry) ? entry : {};
    if (!Number.isSafeInteger(id) || typeof content !== 'string' || content === '') {
      throw unsupported('added_tokens');
    }
    const flag = ['single_word', 'lstrip', 'rstrip'].find((name) => flags[name] === true);
    if (flag !== undefined) throw unsupported(`added_tokens (${content}): ${flag}`);
    return {
      id: id as number,
      content,
      special: special === true,
      normalized: normalized === true,
    };
  });
}

/** Finds added tokens in texts: the leftmost first, and the longest of those that begin at one place. */
export class AddedTokenFinder {
  private readonly ids: ReadonlyMap<string, number>;
  private readonly pattern: RegExp | null;

  constructor(tokens: readonly AddedToken[]) {
    this.ids = new Map(tokens.map(({ content, id }) => [content, id]));
    const contents = [...this.ids.keys()].sort((a, b) => b.length - a.length);
    const escaped = contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    this.pattern = contents.length === 0 ? null : new RegExp(escaped.join('|'), 'gu');
  }

  /** Calls `between` with each text around the tokens, unless it is empty, and `token` with each id, in order. */
  walk(text: string, between: (text: string) => void, token: (id: number) => void): void {
    const { pattern } = this;
    let at = 0;
    if (pattern !== null) {
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        if (match.index > at) between(text.slice(at, match.index));
        token(this.ids.get(match[0])!);
        at = pattern.lastIndex;
      }
    }
    if (at < text.length) between(at === 0 ? text : text.slice(at));
  }
}
