import { expect, test } from 'vitest';
import {
  type BuildOptions,
  isWorthKeeping,
  JOURNAL,
  planPackage,
  writePackage,
} from '../../src/import/build.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { type FileWriter, MemorySink } from '../../src/storage/sink.ts';
import { builtPackage, differing, fixtureFiles, refusal } from '../../testing/checkpoints.ts';

const OPTIONS: BuildOptions = {
  base: fixtureFiles('tiny-a/base'),
  adapters: [{ name: 'adapter', files: fixtureFiles('tiny-a/adapter') }],
  name: 'tiny-a/base',
  embedding: 'int8',
};
const CHECKPOINT = 20_000;

/** A disk that loses power at its n-th step, and with it everything not flushed. */
class FailingSink extends MemorySink {
  steps = 0;
  failAt = Infinity;

  private step(): void {
    this.steps += 1;
    if (this.steps >= this.failAt) throw new Error('power cut');
  }

  override async create(path: string, keep?: number): Promise<FileWriter> {
    this.step();
    const file = await super.create(path, keep);
    return {
      write: async (bytes) => {
        this.step();
        await file.write(bytes);
      },
      flush: async () => {
        this.step();
        await file.flush();
      },
      // Node closes the file when a process dies; nothing more reaches the disk.
      close: async () => {
        if (this.steps < this.failAt) await file.close();
      },
    };
  }

  override async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.step();
    await super.replace(path, bytes);
  }

  override async remove(path: string): Promise<void> {
    this.step();
    await super.remove(path);
  }
}

async function build(sink: MemorySink, options = OPTIONS): Promise<number> {
  let first: number | undefined;
  await writePackage(await planPackage(options), sink, {
    checkpointBytes: CHECKPOINT,
    onProgress: ({ step, done }) => {
      if (step === 'weights') first ??= done;
    },
  });
  return first ?? 0;
}

test('a power cut at any step leaves no package, and going on gives the same files', {
  timeout: 60_000,
}, async () => {
  const whole = await builtPackage('tiny-a/base', OPTIONS);
  const undisturbed = new FailingSink();
  await build(undisturbed);
  expect(differing(undisturbed.files.files, whole.files)).toEqual([]);
  for (let step = 1; step <= undisturbed.steps; step += 1) {
    const sink = new FailingSink();
    sink.failAt = step;
    await expect(build(sink)).rejects.toThrow('power cut');
    // The last step removes the journal: the package is complete before it.
    const complete = step === undisturbed.steps;
    expect([sink.files.files.has(MANIFEST), sink.files.files.has(JOURNAL)]).toEqual([
      complete,
      step > 1,
    ]);
    sink.failAt = Infinity;
    await build(sink);
    expect(differing(sink.files.files, whole.files), `step ${step}`).toEqual([]);
  }
});

test('going on writes nothing again but what came after the last checkpoint', async () => {
  const undisturbed = new FailingSink();
  await build(undisturbed);
  const sink = new FailingSink();
  sink.failAt = Math.floor(undisturbed.steps / 2);
  let reached = 0;
  const building = writePackage(await planPackage(OPTIONS), sink, {
    checkpointBytes: CHECKPOINT,
    onProgress: ({ done }) => {
      reached = done;
    },
  });
  await expect(building).rejects.toThrow('power cut');
  sink.failAt = Infinity;
  // Pieces are whole tensors here, so one may extend beyond the checkpoint.
  const largestTensor = 1024 * 64;
  expect(reached - (await build(sink))).toBeLessThanOrEqual(CHECKPOINT + largestTensor);
});

test('bytes that changed on the disk meanwhile are not gone on with', async () => {
  const whole = await builtPackage('tiny-a/base', OPTIONS);
  const sink = new FailingSink();
  sink.failAt = 40;
  await expect(build(sink)).rejects.toThrow('power cut');
  sink.failAt = Infinity;
  const journal = JSON.parse(new TextDecoder().decode(sink.files.files.get(JOURNAL)));
  const bytes = sink.files.files.get(journal.open.path)!;
  bytes[journal.open.bytes - 1]! ^= 1;
  await build(sink);
  expect(differing(sink.files.files, whole.files)).toEqual([]);
});

test('other choices start anew and leave nothing of the old', async () => {
  const sink = new FailingSink();
  sink.failAt = 40;
  await expect(build(sink)).rejects.toThrow('power cut');
  sink.failAt = Infinity;
  await build(sink, { ...OPTIONS, quant: 'int4' });
  const whole = await builtPackage('tiny-a/base', { ...OPTIONS, quant: 'int4' });
  expect(differing(sink.files.files, whole.files)).toEqual([]);
});

test('a journal that cannot be read starts anew', async () => {
  const whole = await builtPackage('tiny-a/base', OPTIONS);
  for (const text of ['', '{', '{"version":1}', 'null']) {
    const sink = new MemorySink();
    sink.files.files.set(JOURNAL, new TextEncoder().encode(text));
    await build(sink);
    expect(differing(sink.files.files, whole.files)).toEqual([]);
  }
});

test('a disk that gives back other bytes is noticed, and the file is written anew the next time', async () => {
  const sink = new MemorySink();
  const create = sink.create.bind(sink);
  sink.create = async (path, keep) => {
    const file = await create(path, keep);
    return {
      ...file,
      close: async () => {
        await file.close();
        if (path === 'config.json') sink.files.files.get(path)![3]! ^= 1;
      },
    };
  };
  const error = await refusal(build(sink));
  expect([error.code, error.place?.file, isWorthKeeping(error)]).toEqual([
    'package/damaged',
    'config.json',
    true,
  ]);
  sink.create = create;
  await build(sink);
  const whole = await builtPackage('tiny-a/base', OPTIONS);
  expect(differing(sink.files.files, whole.files)).toEqual([]);
});
