import { expect, test } from 'vitest';
import { ReadBuffers } from '../../../src/engine/wgsl/buffers.ts';

const MIB = 2 ** 20;

class FakeBuffer {
  readonly size: number;
  destroyed = false;
  lost = false;

  constructor(size: number) {
    this.size = size;
  }

  async mapAsync(): Promise<void> {
    if (this.lost) throw new Error('lost');
  }

  getMappedRange(offset: number, size: number): ArrayBuffer {
    return new Float32Array(this.size / 4).fill(this.size).buffer.slice(offset, offset + size);
  }

  unmap(): void {}

  destroy(): void {
    this.destroyed = true;
  }
}

function reads() {
  Object.assign(globalThis, {
    GPUBufferUsage: { MAP_READ: 1, COPY_DST: 8 },
    GPUMapMode: { READ: 1 },
  });
  const made: FakeBuffer[] = [];
  const createBuffer = ({ size }: { size: number }) => {
    made.push(new FakeBuffer(size));
    return made.at(-1);
  };
  return { made, reads: new ReadBuffers({ createBuffer } as unknown as GPUDevice) };
}

test('a buffer is used again for reads of about its size', async () => {
  const { made, reads: buffers } = reads();
  for (const bytes of [3 * MIB, 2.9 * MIB, 4 * MIB]) {
    const length = Math.floor(bytes / 4);
    const values = await buffers.values(buffers.take(4 * length), length);
    expect(values).toHaveLength(length);
    expect(new Set(values)).toEqual(new Set([4 * MIB]));
  }
  expect(made).toHaveLength(1);
  expect(buffers.bytes).toBe(4 * MIB);
});

test('small ones are not kept, and have the size of the data', async () => {
  const { made, reads: buffers } = reads();
  for (const bytes of [12, 3000]) await buffers.values(buffers.take(bytes), bytes / 4);
  expect(made.map(({ size, destroyed }) => [size, destroyed])).toEqual([
    [12, true],
    [3000, true],
  ]);
  expect(buffers.bytes).toBe(0);
});

test('two are kept, the larger ones, and none after the end', async () => {
  const { made, reads: buffers } = reads();
  const taken = [1, 4, 2].map((size) => size * MIB).map((bytes) => buffers.take(bytes));
  for (const buffer of taken) await buffers.values(buffer, 4);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  const late = buffers.take(2 * MIB);
  buffers.dispose();
  await buffers.values(late, 4);
  expect(made.every(({ destroyed }) => destroyed)).toBe(true);
});

test('a buffer whose device was lost is not used again', async () => {
  const { made, reads: buffers } = reads();
  const buffer = buffers.take(2 * MIB);
  made[0]!.lost = true;
  await expect(buffers.values(buffer, 4)).rejects.toThrow('lost');
  expect(made[0]!.destroyed).toBe(true);
  expect(buffers.bytes).toBe(0);
});
