import { expect, test } from 'vitest';
import { ReadBuffers } from '../../../src/engine/wgsl/buffers.ts';

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
  for (const bytes of [3000, 2900, 4096]) {
    const buffer = buffers.take(bytes);
    const values = await buffers.values(buffer, bytes / 4);
    expect([...values]).toEqual(Array(bytes / 4).fill(4096));
  }
  expect(made).toHaveLength(1);
  expect(buffers.bytes).toBe(4096);
});

test('two are kept, the larger ones, and none after the end', async () => {
  const { made, reads: buffers } = reads();
  const taken = [256, 1024, 512].map((bytes) => buffers.take(bytes));
  for (const buffer of taken) await buffers.values(buffer, 4);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  const late = buffers.take(512);
  buffers.dispose();
  await buffers.values(late, 4);
  expect(made.every(({ destroyed }) => destroyed)).toBe(true);
});

test('a buffer whose device was lost is not used again', async () => {
  const { made, reads: buffers } = reads();
  const buffer = buffers.take(256);
  made[0]!.lost = true;
  await expect(buffers.values(buffer, 4)).rejects.toThrow('lost');
  expect(made[0]!.destroyed).toBe(true);
  expect(buffers.bytes).toBe(0);
});
