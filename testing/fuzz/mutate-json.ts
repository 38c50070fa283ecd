import type { Dice } from './dice.ts';

/** JSON that may contain what JSON.stringify never writes: duplicate keys, `__proto__`, numbers beyond a double. */
type Tree = Text | List | Dictionary;
/** A value without parts, as written in the file. */
type Text = { text: string };
type List = { items: Tree[] };
type Dictionary = { entries: [string, Tree][] };

/** A place in a tree where the value can be replaced. */
type Slot = { list: List; at: number } | { dictionary: Dictionary; at: number };

const DTYPES = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL', 'F8_E4M3'];
const LONG = 'x'.repeat(5000);

const SCALARS = [
  ...['null', 'true', 'false', '0', '-0', '1', '2', '3', '-1', '0.5', '64', '1e3'],
  ...['2147483647', '2147483648', '4294967296', '-2147483648', '9007199254740991'],
  ...['9007199254740992', '9007199254740993', '18446744073709551615', '1e21', '1e300', '3e38'],
  ...['1e39', '1e999', '-1e999', '1e-400', '1e-46', 'NaN', '-Infinity', '0x10', '01', '1.', ''],
  ...['""', '"x"', '"NaN"', '"\\ud800"', '"\\u0000"', '"../../secret"', '"/etc/passwd"'],
  ...['"model.safetensors"', '"config.json"', '"constructor"', '"__proto__"', `"${LONG}"`],
  ...['[]', '{}', '[[]]', '[0,0]', '{"__proto__":{"dtype":"U8"}}', '{"constructor":1}'],
  ...DTYPES.map((dtype) => `"${dtype}"`),
];

const KEYS = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__metadata__', '', ' ', '\u0000'],
  ...['dtype', 'shape', 'data_offsets', 'weight_map', 'score.weight', '\ud800', LONG],
  // Regular expressions for the patterns of adapters: invalid ones, and ones that backtrack for ever.
  ...['(', '[', '.*', '(?i)q_proj', '(a+)+b', '(.*)*!', '([a-z._0-9]+)+!', '(.|.)'.repeat(30)],
  ...['.*'.repeat(20), '.?'.repeat(30), '(?:.*.*)*.*!', '(q|v)_proj', 'layers\\.[23]\\..*q_proj'],
];

/** Mutates a few values, keys or structures of a JSON text. */
export function mutateJson(dice: Dice, text: string): string {
  const root: List = { items: [parse(JSON.parse(text))] };
  for (let n = 1 + dice.below(4); n > 0; n -= 1) mutateTree(dice, root);
  return root.items.map(write).join('');
}

/** Makes random JSON, not always valid. */
export function randomJson(dice: Dice, depth = 0): string {
  const kind = dice.below(depth > 3 ? 1 : 3);
  const parts = Array.from({ length: kind === 0 ? 0 : dice.below(5) }, () =>
    randomJson(dice, depth + 1),
  );
  if (kind === 1) return `[${parts.join()}]`;
  if (kind === 2) {
    return `{${parts.map((part) => `${JSON.stringify(dice.pick(KEYS))}:${part}`).join()}}`;
  }
  return dice.pick(SCALARS);
}

function mutateTree(dice: Dice, root: List): void {
  const slots = [...slotsOf(root)];
  if (slots.length === 0) return;
  const slot = dice.pick(slots);
  const value = read(slot);
  const changes: (() => void)[] = [
    () => replace(slot, { text: dice.pick(SCALARS) }),
    () => replace(slot, structuredClone(read(dice.pick(slots)))),
    () => replace(slot, dice.chance(0.5) ? { items: [value] } : { entries: [['x', value]] }),
    () => remove(slot),
    () => double(slot),
    () => rename(dice, slot, slots),
    () => swapTexts(dice, slots),
    () => dice.chance(0.1) && enlarge(dice, slot),
    ...Array(4).fill(() => tweakText(dice, slots)),
  ];
  dice.pick(changes)();
}

const textsOf = (slots: Slot[]) => slots.filter((slot) => 'text' in read(slot));

function tweakText(dice: Dice, slots: Slot[]): void {
  const texts = textsOf(slots);
  if (texts.length === 0) return;
  const slot = dice.pick(texts);
  replace(slot, { text: tweak(dice, (read(slot) as Text).text) });
}

/** Makes a number or a string close to the given one. */
function tweak(dice: Dice, text: string): string {
  if (text.startsWith('"')) {
    const inner = text.slice(1, -1);
    const at = dice.below(inner.length + 1);
    return dice.pick([
      `"${dice.pick(DTYPES)}"`,
      `"${inner}${inner}"`,
      `"${inner.slice(0, at).replace(/\\u?[\da-f]*$/, '')}"`,
      `"${inner.replace(/\d+/, () => String(dice.below(12)))}"`,
      `"${inner.replace(/\d+/, '0$&')}"`,
      `"${inner.replace(/\d+/, '9'.repeat(400))}"`,
      inner,
    ]);
  }
  const number = Number(text);
  return dice.pick([
    String(number + 1),
    String(number - 1),
    String(-number),
    String(number * 2),
    String(number / 2),
    String(number + dice.below(1000)),
    String(number * 1e12),
    `${text}e4`,
    `"${text}"`,
    dice.pick(SCALARS),
  ]);
}

function swapTexts(dice: Dice, slots: Slot[]): void {
  const texts = textsOf(slots);
  if (texts.length === 0) return;
  const [a, b] = [dice.pick(texts), dice.pick(texts)];
  const first = read(a);
  replace(a, read(b));
  replace(b, first);
}

/** Adds deep nesting, or many copies of a value. */
function enlarge(dice: Dice, slot: Slot): void {
  const value = read(slot);
  if (dice.chance(0.5)) {
    const depth = dice.pick([100, 2000, 50_000]);
    replace(slot, { text: `${'['.repeat(depth)}${']'.repeat(depth)}` });
  } else if ('list' in slot) {
    slot.list.items.push(...Array(dice.pick([10, 1000, 20_000])).fill(value));
  } else {
    for (let i = dice.pick([10, 1000, 5000]); i > 0; i -= 1) {
      slot.dictionary.entries.push([`k${i}`, value]);
    }
  }
}

function rename(dice: Dice, slot: Slot, slots: Slot[]): void {
  if ('list' in slot) return;
  const keyed = slots.filter((other) => 'dictionary' in other);
  const other = dice.pick(keyed) as Extract<Slot, { dictionary: Dictionary }>;
  const entry = slot.dictionary.entries[slot.at]!;
  const keys = [
    dice.pick(KEYS),
    other.dictionary.entries[other.at]![0],
    entry[0].replace(/\d+/, () => String(dice.below(8))),
    entry[0].replace(/\d+/, '0$&'),
    entry[0].replace('lora_A', 'lora_B'),
    entry[0].replace('.weight', '.default.weight'),
  ];
  entry[0] = dice.pick(keys);
}

function double(slot: Slot): void {
  const copy = structuredClone(read(slot));
  if ('list' in slot) slot.list.items.splice(slot.at, 0, copy);
  else slot.dictionary.entries.push([slot.dictionary.entries[slot.at]![0], copy]);
}

function remove(slot: Slot): void {
  if ('list' in slot) slot.list.items.splice(slot.at, 1);
  else slot.dictionary.entries.splice(slot.at, 1);
}

function read(slot: Slot): Tree {
  return 'list' in slot ? slot.list.items[slot.at]! : slot.dictionary.entries[slot.at]![1];
}

function replace(slot: Slot, value: Tree): void {
  if ('list' in slot) slot.list.items[slot.at] = value;
  else slot.dictionary.entries[slot.at]![1] = value;
}

function* slotsOf(tree: Tree): Generator<Slot> {
  if ('items' in tree) {
    for (const [at, item] of tree.items.entries()) {
      yield { list: tree, at };
      yield* slotsOf(item);
    }
  } else if ('entries' in tree) {
    for (const [at, [, value]] of tree.entries.entries()) {
      yield { dictionary: tree, at };
      yield* slotsOf(value);
    }
  }
}

function parse(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(parse) };
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value) };
  return { entries: Object.entries(value).map(([key, part]) => [key, parse(part)]) };
}

function write(tree: Tree): string {
  if ('text' in tree) return tree.text;
  if ('items' in tree) return `[${tree.items.map(write).join()}]`;
  return `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join()}}`;
}
