import { joinBytes } from '../../src/storage/bytes.ts';
import type { Dice } from './dice.ts';
import { mutateJson, randomJson } from './mutate-json.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const bytes = (text: string): Bytes => new TextEncoder().encode(text);

/** Changes, removes, adds or swaps bits, bytes or ranges of a file. */
export function mutateBytes(dice: Dice, file: Bytes): Bytes {
  let out = file.slice();
  for (let n = 1 + dice.below(4); n > 0; n -= 1) {
    const at = dice.below(out.length + 1);
    const end = Math.min(out.length, at + 1 + dice.below(dice.pick([4, 64, 4096])));
    switch (dice.below(8)) {
      case 0:
        if (at < out.length) out[at]! ^= 1 << dice.below(8);
        break;
      case 1:
        if (at < out.length) out[at] = dice.below(256);
        break;
      case 2:
        out = out.slice(0, at);
        break;
      case 3:
        out = joinBytes([out.slice(0, at), out.slice(end)]);
        break;
      case 4:
        out = joinBytes([out.slice(0, at), dice.bytes(dice.below(20)), out.slice(at)]);
        break;
      case 5:
        out = joinBytes([out.slice(0, end), out.slice(at)]);
        break;
      case 6:
        out.fill(dice.pick([0, 0x20, 0x7f, 0xff]), at, end);
        break;
      default:
        out.copyWithin(dice.below(out.length + 1), at, end);
    }
  }
  return out;
}

/** Mutates a text file: its JSON or its bytes. */
export function mutateText(dice: Dice, text: string): Bytes {
  if (dice.chance(0.03)) return dice.bytes(dice.below(300));
  if (dice.chance(0.05)) return bytes(randomJson(dice));
  const changed = bytes(dice.chance(0.2) ? text : mutateJson(dice, text));
  return dice.chance(0.25) ? mutateBytes(dice, changed) : changed;
}

/** Mutates the header, the header's length or the data of a safetensors file. */
export function mutateSafetensors(dice: Dice, file: Bytes): Bytes {
  if (dice.chance(0.03)) return dice.bytes(dice.below(300));
  if (dice.chance(0.15)) return mutateBytes(dice, file);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const original = new TextDecoder().decode(file.subarray(8, 8 + length));
  let header = original;
  if (dice.chance(0.05)) header = randomJson(dice);
  else if (dice.chance(0.3)) header = moveTensors(dice, original);
  else if (dice.chance(0.8)) header = mutateJson(dice, original);
  let text = bytes(header);
  if (dice.chance(0.1)) text = mutateBytes(dice, text);
  let data = file.slice(8 + length);
  if (dice.chance(0.15)) data = mutateBytes(dice, data);
  const out = joinBytes([new Uint8Array(8), text, data]);
  const claimed = dice.chance(0.1) ? wrongLength(dice, out.length) : BigInt(text.length);
  new DataView(out.buffer).setBigUint64(0, claimed, true);
  return out;
}

/** Sets offsets, dtypes, shapes and names that are valid alone, but conflict with the others or with the file. */
function moveTensors(dice: Dice, header: string): string {
  const parsed = JSON.parse(header) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const names = Object.keys(parsed).filter((name) => name !== '__metadata__');
  const [a, b] = [parsed[dice.pick(names)]!, parsed[dice.pick(names)]!];
  const shift = dice.pick([1, -1, 2, 64, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52]);
  switch (dice.below(8)) {
    case 0:
      a.data_offsets = [...b.data_offsets];
      break;
    case 1:
      a.data_offsets = [a.data_offsets[0] + shift, a.data_offsets[1] + shift];
      break;
    case 2:
      a.dtype = dice.pick(['F32', 'F16', 'BF16', 'I16', 'U8', 'I8', 'BOOL']);
      break;
    case 3:
      [a.shape, b.shape] = [b.shape, a.shape];
      break;
    case 4:
    case 5:
    case 6:
      return renameTensors(dice, parsed, names);
    default:
      a.shape = [a.shape.reduce((n, d) => n * d, 1) * shift];
      a.data_offsets[1] = a.data_offsets[0] + (a.data_offsets[1] - a.data_offsets[0]) * shift;
  }
  return JSON.stringify(parsed);
}

function renameTensors(dice: Dice, parsed: Record<string, unknown>, names: string[]): string {
  const [from, to] = dice.chance(0.5) ? [2, 3] : [dice.below(4), dice.below(6)];
  const styles: ((name: string) => string)[] = [
    (name) => name,
    (name) => name.replace(/\.weight$/, '.default.weight'),
    (name) => name.replace(/^base_model\.model\./, ''),
    (name) => name.replace(/\d+/, '0$&'),
    (name) => name.replace(/[qkv]_proj/, dice.pick(['q_proj', 'k_proj', 'v_proj', 'up_proj'])),
    (name) => name.replace(/lora_[AB]/, dice.pick(['lora_A', 'lora_B'])),
    () => dice.pick(['score.weight', 'score.modules_to_save.default.weight', 'w.absmax']),
  ];
  const style = dice.pick(styles);
  const some = dice.pick([0.1, 0.5, 1]);
  // Renaming a layer to another one makes duplicates if the spelling differs.
  const change = dice.chance(0.5)
    ? (name: string) =>
        name.includes(`.${from}.`) ? style(name.replace(`.${from}.`, `.${to}.`)) : name
    : (name: string) => (dice.chance(some) ? style(name) : name);
  return JSON.stringify(Object.fromEntries(names.map((name) => [change(name), parsed[name]])));
}

function wrongLength(dice: Dice, size: number): bigint {
  const exact = BigInt(size);
  const near = [0n, 1n, exact - 8n, exact - 7n, exact, exact + 1n];
  return dice.pick([
    ...near,
    10n ** 8n,
    2n ** 32n,
    2n ** 42n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]);
}
