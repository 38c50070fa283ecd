import { capitalize, replacedPieces, split, strip, title } from './python-text.ts';
import { StringValue, type TextValue, toValue, type Value } from './values.ts';
import type { WorkMeter } from './work-meter.ts';

/** Texts that native code makes in the time of a step. */
const PIECES_PER_STEP = 16;
/** Characters of short words whose first letters it changes in that time. */
const TITLED_PER_STEP = 4;

/** A text with Python's methods, which count their work. */
export class PythonString extends StringValue {
  private methods: Map<string, Value> | undefined;
  private readonly meter: WorkMeter;

  constructor(text: string, meter: WorkMeter) {
    super(text);
    this.meter = meter;
  }

  override get builtins(): TextValue['builtins'] {
    this.methods ??= new Map([...super.builtins, ...pythonMethods(this.value, this.meter)]);
    return this.methods;
  }
}

/** Python's methods of a text, where the library's differ. Keyword arguments come as a `Map` after the others. */
function pythonMethods(text: string, meter: WorkMeter): [string, Value][] {
  const stripped = (characters: unknown, side: 'both' | 'left' | 'right') => {
    const set = optionalText(characters);
    const result = strip(text, set, side);
    meter.chargeRead(text.length - result.length + (set?.length ?? 0));
    return result;
  };
  const methods: Record<string, (...args: unknown[]) => unknown> = {
    strip: (characters) => stripped(characters, 'both'),
    lstrip: (characters) => stripped(characters, 'left'),
    rstrip: (characters) => stripped(characters, 'right'),
    split: (...args) => {
      const [separator, most] = named(args, ['sep', 'maxsplit']);
      const at = optionalText(separator);
      meter.chargeSearch(text, at ?? ' ');
      const parts = split(text, at, optionalCount(most));
      meter.charge(parts.length / PIECES_PER_STEP);
      return parts;
    },
    replace: (...args) => {
      const [old, replacement, most] = named(args, ['old', 'new', 'count']);
      const [from, to] = [optionalText(old), optionalText(replacement)];
      if (from === null || to === null) throw new Error('replace() needs two texts');
      meter.chargeSearch(text, from);
      const pieces = replacedPieces(text, from, optionalCount(most));
      meter.charge(pieces.length / PIECES_PER_STEP);
      meter.allow(text.length + (pieces.length - 1) * (to.length - from.length));
      return pieces.join(to);
    },
    capitalize: () => capitalize(text),
    title: () => {
      meter.charge(text.length / TITLED_PER_STEP);
      return title(text);
    },
  };
  return Object.entries(methods).map(([name, method]) => [name, toValue(method)]);
}

/** Arguments in the order of `names`, of which the last argument may be a map of some. */
function named(args: unknown[], names: string[]): unknown[] {
  const last = args.at(-1);
  const keywords = last instanceof Map ? (last as Map<string, Value>) : new Map<string, Value>();
  const positional = last instanceof Map ? args.slice(0, -1) : args;
  return names.map((name, i) => positional[i] ?? keywords.get(name)?.value);
}

function optionalText(value: unknown): string | null {
  if (value === undefined || value === null || typeof value === 'string') return value ?? null;
  throw new Error('The argument must be a text');
}

/** A limit of a count, -1 for none. */
function optionalCount(value: unknown): number {
  if (value === undefined || value === null) return -1;
  if (typeof value === 'number') return value;
  throw new Error('The argument must be a number');
}
