const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const ATOM = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Deepest nesting that is followed. Pairs need little; the limit protects the call stack. */
const MAX_DEPTH = 50;

/** The position at which a text stops being JSON; lines and columns count from 1. */
interface JsonBreak {
  line: number;
  column: number;
}

/**
 * Finds the first token that is wrong or cut off; for valid JSON the end of the text. The messages of browsers differ
 * in wording, and some lack the position.
 */
export function jsonBreak(text: string): JsonBreak {
  let at = 0;
  const take = (what: RegExp | string): boolean => {
    const length = typeof what === 'string' ? Number(text[at] === what) : match(what, text, at);
    at += length;
    at += match(SPACE, text, at);
    return length > 0;
  };
  const list = (item: () => boolean, close: string): boolean => {
    if (take(close)) return true;
    while (item()) {
      if (take(close)) return true;
      if (!take(',')) return false;
    }
    return false;
  };
  const value = (depth: number): boolean => {
    if (depth > MAX_DEPTH) return false;
    if (take('[')) return list(() => value(depth + 1), ']');
    if (take('{')) return list(() => take(STRING) && take(':') && value(depth + 1), '}');
    return take(STRING) || take(ATOM);
  };
  at = match(SPACE, text, 0);
  value(0);
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Length of a match at an offset, in UTF-16 units; 0 for none. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
