import { expect, test } from 'vitest';
import {
  type BuildOptions,
  isWorthKeeping,
  planPackage,
  writePackage,
} from '../../src/import/build.ts';
import { HttpFiles } from '../../src/storage/http-files.ts';
import { readAll } from '../../src/storage/package-files.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import { builtPackage, differing, fixtureFiles, refusal } from '../../testing/checkpoints.ts';
import { sendFile, serve } from '../../testing/http-server.ts';

const FILES = [
  'base-bnb-4bit/config.json',
  'base-bnb-4bit/model.safetensors',
  'adapter/adapter_config.json',
  'adapter/adapter_model.safetensors',
];

/** A server with tiny-a's checkpoint and adapter; `fails` selects the requests to cut off. */
async function hub(fails: (request: number) => boolean = () => false) {
  const files = new Map<string, Uint8Array>();
  for (const path of FILES) files.set(path, await readAll(fixtureFiles('tiny-a'), path));
  let count = 0;
  const server = await serve((request, response) => {
    count += 1;
    const file = files.get(decodeURIComponent(request.url!.slice(1)));
    if (fails(count)) request.socket.destroy();
    else if (file === undefined) response.writeHead(404).end();
    else sendFile(request, response, file);
  });
  const open = (folder: string) =>
    new HttpFiles(new URL(`${folder}/`, server.url), { backoffMs: 1 });
  const options: BuildOptions = {
    base: open('base-bnb-4bit'),
    adapters: [{ name: 'adapter', files: open('adapter') }],
    name: 'tiny-a/base-bnb-4bit',
  };
  return { server, files, options };
}

test('a checkpoint on a server gives the same package as one on disk', async () => {
  const { server, options } = await hub();
  const sink = new MemorySink();
  await writePackage(await planPackage(options), sink);
  await server.close();
  const local = await builtPackage('tiny-a/base-bnb-4bit');
  expect(differing(sink.files.files, local.files)).toEqual([]);
});

test('connections that break are no failure', async () => {
  const { server, options } = await hub((request) => request % 3 === 0);
  const sink = new MemorySink();
  await writePackage(await planPackage(options), sink);
  await server.close();
  const local = await builtPackage('tiny-a/base-bnb-4bit');
  expect(differing(sink.files.files, local.files)).toEqual([]);
});

test('a server that goes away leaves what another try goes on with', async () => {
  let gone = false;
  const { server, options } = await hub(() => gone);
  const sink = new MemorySink();
  const writing = writePackage(await planPackage(options), sink, {
    checkpointBytes: 20_000,
    onProgress: ({ done, total }) => {
      if (done > total / 3) gone = true;
    },
  });
  const error = await refusal(writing);
  expect([error.code, isWorthKeeping(error)]).toEqual(['storage/unreachable', true]);
  gone = false;
  server.requests.length = 0;
  let first: number | undefined;
  await writePackage(await planPackage(options), sink, {
    onProgress: ({ done }) => {
      first ??= done;
    },
  });
  await server.close();
  expect(first).toBeGreaterThan(0);
  const local = await builtPackage('tiny-a/base-bnb-4bit');
  expect(differing(sink.files.files, local.files)).toEqual([]);
});

test('a file that is replaced while it is read is noticed', async () => {
  const { server, files, options } = await hub();
  const plan = await planPackage(options);
  const path = 'base-bnb-4bit/model.safetensors';
  files.set(path, files.get(path)!.subarray(0, -1000));
  const error = await refusal(writePackage(plan, new MemorySink()));
  await server.close();
  expect([error.code, error.place?.file]).toEqual(['storage/changed', 'model.safetensors']);
});
