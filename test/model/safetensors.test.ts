import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { type ByteSource, checkRange, MemorySource } from '../../src/storage/byte-source.ts';
import { bytes, rawSafetensors, refusal, safetensors } from '../../testing/checkpoints.ts';

const read = (file: Uint8Array<ArrayBuffer>) => readSafetensors(new MemorySource('file', file));
const tensor = (dtype: unknown, shape: unknown, data_offsets: unknown) => ({
  dtype,
  shape,
  data_offsets,
});

const valid = safetensors([
  { name: 'a', dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { name: 'b', dtype: 'U8', shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) },
  { name: 'scalar', dtype: 'BF16', shape: [], data: Uint16Array.of(0x3f80) },
]);

test('reads what was written', async () => {
  const tensors = await read(valid);
  expect([...tensors.keys()]).toEqual(['a', 'b', 'scalar']);
  expect(tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2, 3] });
  expect(tensors.get('a')!.start % 64).toBe(0);
  expect(await tensorBytes(tensors.get('b')!)).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  expect(tensors.get('scalar')).toMatchObject({ shape: [] });
});

test('tensors of no bytes overlap nothing', async () => {
  const header = {
    full: tensor('U8', [4], [0, 4]),
    empty: tensor('F32', [0, 7], [0, 0]),
    last: tensor('F32', [0], [4, 4]),
  };
  expect((await read(rawSafetensors(header, 4))).size).toBe(3);
});

describe('refuses', () => {
  const huge = new Uint8Array(64);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  const overHundredMegabytes = new Uint8Array(16);
  new DataView(overHundredMegabytes.buffer).setBigUint64(0, 9n, true);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const cases: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
    ['an empty file', new Uint8Array(0), /it has 0 bytes/],
    ['a file of 7 bytes', new Uint8Array(7), /it has 7 bytes/],
    ['a huge header length', huge, /header claims 9223372036854776000 bytes in a file of 64/],
    ['a header longer than the file', overHundredMegabytes, /header claims 9 bytes/],
    ['a header of no bytes', rawSafetensors(''), /is not JSON/],
    ['a header that is not JSON', rawSafetensors('{"a":'), /is not JSON/],
    ['a header that is an array', rawSafetensors([]), /not a JSON object/],
    ['a header that is null', rawSafetensors('null'), /not a JSON object/],
    ['a tensor that is null', rawSafetensors({ x: null }), /x has the unknown dtype/],
    ['an unknown dtype', rawSafetensors({ x: tensor('F8', [1], [0, 1]) }, 1), /x .*dtype "F8"/],
    ['a dtype of Object', rawSafetensors({ x: tensor('toString', [1], [0, 1]) }, 1), /dtype/],
    ['a deeply nested dtype', rawSafetensors(`{"x":{"dtype":${deep}}}`), /x has the unknown dtype/],
    ['a shape that is no list', rawSafetensors({ x: tensor('U8', 4, [0, 4]) }, 4), /shape/],
    ['a negative dimension', rawSafetensors({ x: tensor('U8', [-4], [0, 4]) }, 4), /shape/],
    ['a fractional dimension', rawSafetensors({ x: tensor('U8', [0.5], [0, 1]) }, 4), /shape/],
    ['no offsets', rawSafetensors({ x: { dtype: 'U8', shape: [1] } }, 1), /data_offsets/],
    ['three offsets', rawSafetensors({ x: tensor('U8', [1], [0, 1, 2]) }, 4), /data_offsets/],
    [
      'a wrong byte count',
      rawSafetensors({ x: tensor('F32', [2], [0, 4]) }, 8),
      /needs 8 .* has 4/,
    ],
    ['offsets backwards', rawSafetensors({ x: tensor('U8', [1], [1, 0]) }, 4), /needs 1 .* has -1/],
    [
      'a shape whose product overflows',
      rawSafetensors({ x: tensor('U8', [2 ** 32, 2 ** 32], [0, 0]) }, 4),
      /needs 18446744073709552000 bytes/,
    ],
    ['a tensor out of the file', rawSafetensors({ x: tensor('U8', [9], [0, 9]) }, 8), /cut off/],
    [
      'overlapping tensors',
      rawSafetensors({ x: tensor('U8', [4], [0, 4]), y: tensor('U8', [4], [3, 7]) }, 8),
      /x and y overlap/,
    ],
  ];
  test.each(cases)('%s', async (_, file, message) => {
    const error = await refusal(read(file));
    expect(error.code).toBe('safetensors/bad');
    expect(error.message).toMatch(message);
  });

  test('a file that was cut off, naming it', async () => {
    const error = await refusal(read(valid.slice(0, -1)));
    expect(error.place?.file).toBe('file');
  });
});

describe('fuzzing', () => {
  /** Fails reads of more bytes than the file has, like an allocation of a claimed size. */
  class StrictSource extends MemorySource implements ByteSource {
    override read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
      try {
        checkRange(this, start, end);
      } catch {
        throw new Error(`asked for bytes ${start} to ${end} of ${this.size}`);
      }
      return super.read(start, end);
    }
  }

  async function readsOrRefuses(file: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      for (const entry of (await readSafetensors(new StrictSource('file', file))).values()) {
        expect((await tensorBytes(entry)).length).toBe(entry.end - entry.start);
      }
    } catch (error) {
      if (!(error instanceof TiebreakError)) throw error;
    }
  }

  test('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (file) => readsOrRefuses(bytes(file))),
      { numRuns: 500 },
    );
  });

  test('any JSON as the header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.nat(64), (header, data) =>
        readsOrRefuses(rawSafetensors(header, data)),
      ),
      { numRuns: 500 },
    );
  });

  test('headers that are nearly right', async () => {
    const entry = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom('F32', 'BF16', 'U8', 'I64'), fc.jsonValue()),
        shape: fc.oneof(fc.array(fc.nat(4), { maxLength: 3 }), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(fc.nat(64), fc.nat(64)), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), entry), fc.nat(64), (header, data) =>
        readsOrRefuses(rawSafetensors(header, data)),
      ),
      { numRuns: 500 },
    );
  });

  test('a valid file with bytes changed, removed or added', async () => {
    const change = fc.record({ at: fc.nat(valid.length - 1), value: fc.nat(255) });
    const cut = fc.tuple(fc.nat(valid.length), fc.nat(16), fc.uint8Array({ maxLength: 16 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 6 }),
        fc.option(cut),
        async (changes, splice) => {
          const file = [...valid];
          for (const { at, value } of changes) file[at] = value;
          if (splice !== null) file.splice(splice[0], splice[1], ...splice[2]);
          await readsOrRefuses(Uint8Array.from(file));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
