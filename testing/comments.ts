import { parseSync } from 'vite';

/** A comment of a file of TypeScript. */
interface Comment {
  /** Line on which it begins, counted from 1. */
  line: number;
  /** Its text without the marks around it; a block of several lines keeps the asterisks within. */
  text: string;
}

/** The comments of a text, in order. Comments inside strings, such as those of shaders, are not among them. */
export function commentsOf(path: string, text: string): Comment[] {
  return parseSync(path, text).comments.map(({ value, start }) => ({
    line: text.slice(0, start).split('\n').length,
    text: value.replace(/^[\s*]+/, '').trimEnd(),
  }));
}
