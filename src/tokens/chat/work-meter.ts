import { TiebreakError } from '../../domain/errors.ts';
import { isList, isMapping, isText, type Value } from './values.ts';

/** Bounds of one rendering. */
interface WorkLimits {
  /** Evaluated expressions, and native work in their time. Half a million take about a second. */
  steps: number;
  /** Characters of a value, written out. */
  characters: number;
}

/** Calls and expressions inside one another. The JavaScript stack has room for some 1,000. */
export const MOST_DEPTH = 200;
/** Characters that native code copies or compares in the time of a step of the interpreter. */
const COPIED_PER_STEP = 1024;
/** Characters that it looks at one by one, or makes into texts of their own. */
const READ_PER_STEP = 64;
/** Characters that a value other than a text counts for. */
const OTHER_SIZE = 8;
const NAMESPACE = 'NamespaceValue';

/**
 * Counts what a template does and stops it at fixed bounds, so that the result does not depend on the machine. Steps
 * bound the time. Sizes bound the memory: that of a list or mapping is of all that is in it, counted as often as it is
 * in it, so that writing it out cannot explode.
 */
export class WorkMeter {
  private steps = 0;
  private depth = 0;
  private readonly most: WorkLimits;
  /** Sizes of lists and mappings, which templates cannot change. */
  private readonly sizes = new WeakMap<Value, number>();

  constructor(most: WorkLimits) {
    this.most = most;
  }

  /** Counts steps. @throws TiebreakError `chat/template-work` */
  charge(steps: number): void {
    this.steps += steps;
    if (this.steps <= this.most.steps) return;
    throw new TiebreakError('chat/template-work', { params: { most: this.most.steps } });
  }

  /** Counts the copying or comparing of so many characters. @throws TiebreakError `chat/template-work` */
  chargeCopy(characters: number): void {
    this.charge(Math.floor(characters / COPIED_PER_STEP));
  }

  /** Counts the reading of so many characters one by one. @throws TiebreakError `chat/template-work` */
  chargeRead(characters: number): void {
    this.charge(Math.floor(characters / READ_PER_STEP));
  }

  /** Counts the work of looking for a text in another, at worst. @throws TiebreakError `chat/template-work` */
  chargeSearch(text: string, sought: string): void {
    this.chargeCopy(text.length * Math.min(256, sought.length + 4));
  }

  /** Runs something one level deeper. @throws TiebreakError `chat/template-work` */
  deeper<T>(run: () => T): T {
    if (this.depth >= MOST_DEPTH) {
      throw new TiebreakError('chat/template-work:depth', { params: { most: MOST_DEPTH } });
    }
    this.depth += 1;
    try {
      return run();
    } finally {
      this.depth -= 1;
    }
  }

  /** Checks a text before it is made. @throws TiebreakError `chat/template-output` */
  allow(characters: number): void {
    if (characters <= this.most.characters) return;
    throw new TiebreakError('chat/template-output', { params: { most: this.most.characters } });
  }

  /** Counts a value that the template has made. @throws TiebreakError */
  see(value: Value): void {
    if (isText(value)) this.chargeCopy(value.value.length);
    this.allow(this.sizeOf(value));
  }

  /** Characters of a value written out, about. Counts a step for each item of a new list. @throws TiebreakError */
  sizeOf(value: Value): number {
    if (isText(value)) return value.value.length;
    if (!isList(value) && !isMapping(value)) return OTHER_SIZE;
    const known = this.sizes.get(value);
    if (known !== undefined) return known;
    let size = OTHER_SIZE;
    let items = 0;
    for (const [key, item] of value.value.entries()) {
      // A namespace can be changed later, so that it could come to hold itself.
      if (item.type === NAMESPACE) throw new Error(`${NAMESPACE} inside ${value.type}`);
      size += OTHER_SIZE + String(key).length + this.sizeOf(item);
      items += 1;
      this.allow(size);
    }
    this.charge(items);
    if (value.type !== NAMESPACE) this.sizes.set(value, size);
    return size;
  }
}
