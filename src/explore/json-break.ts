const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const ATOM = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Deeper nesting than a pair ever has would end in a full call stack. */
const MAX_DEPTH = 50;

/** The place where a text stops being JSON; lines and columns are counted from 1. */
interface JsonBreak {
  line: number;
  column: number;
}

/**
 * Where a text stops being JSON: at the first token that does not belong there, or is cut off. Browsers tell it each in their
 * own words, and not always. Of JSON it is the end.
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

/** Characters that match from a place on. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
