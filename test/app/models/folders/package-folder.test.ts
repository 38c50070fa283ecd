import { expect, test } from 'vitest';
import { folderOfFiles } from '../../../../src/app/models/folders/folders.ts';
import { recogniseFolder } from '../../../../src/app/models/folders/package-folder.ts';

const look = (label: string, ...paths: string[]) =>
  recogniseFolder(
    folderOfFiles(
      label,
      paths.map((path) => ({ path, file: new File([], path) })),
    ),
  );

async function packageIn(label: string, ...paths: string[]) {
  const use = await look(label, ...paths);
  if (use.kind !== 'package' || use.source.kind !== 'files') throw new Error(use.kind);
  return { label: use.source.label, paths: use.source.files.map(({ path }) => path) };
}

test('a package is taken from the folder of its manifest, whatever lies around it', async () => {
  const inside = ['tiebreak.json', 'adapters/x/adapter_config.json'];
  expect(await packageIn('demo', ...inside)).toEqual({ label: 'demo', paths: inside });
  expect(
    await packageIn('all', 'note.txt', 'config.json', 'demo/tiebreak.json', 'demo/config.json'),
  ).toEqual({ label: 'demo', paths: ['tiebreak.json', 'config.json'] });
  expect((await packageIn('x', 'old/a/tiebreak.json', 'b/tiebreak.json')).label).toBe('b');
});

test('a checkpoint or an adapter is offered for import, and said to be one', async () => {
  expect(await look('ckpt', 'config.json', 'model.safetensors')).toEqual({
    kind: 'base',
    text: expect.stringContaining('ckpt is a Hugging Face checkpoint'),
  });
  // The import reports more than "no tiebreak.json".
  expect((await look('ckpt', 'config.json', 'pytorch_model.bin')).kind).toBe('base');
  expect(await look('lora', 'adapter_config.json', 'adapter_model.safetensors')).toEqual({
    kind: 'adapter',
    text: expect.stringContaining('lora is a LoRA adapter'),
  });
});

test.each([
  ['model.gguf', 'model.gguf is a GGUF file'],
  ['sub/pytorch_model.bin', 'pytorch_model.bin is a PyTorch file'],
  ['consolidated.00.pth', 'consolidated.00.pth is a PyTorch file'],
  [
    'consolidated.safetensors',
    'consolidated.safetensors is a checkpoint in its publisher’s own layout',
  ],
  ['model.onnx', 'model.onnx is an ONNX export'],
])('of other weights it is said what they are: %s', async (path, text) => {
  expect(await look('x', 'README.md', path)).toEqual({
    kind: 'other',
    text: expect.stringContaining(text),
  });
});

test('of a folder with none of these it is said what it holds', async () => {
  const { text } = (await look('pics', 'a.png', 'b.png', 'c.png', 'd.png', 'e.png')) as {
    text: string;
  };
  expect(text).toContain('a.png, b.png, c.png and 2 more files');
  expect(await look('none')).toEqual({ kind: 'other', text: 'none is empty.' });
  // Other files of a training run are not weights.
  expect((await look('run', 'training_args.bin', 'optimizer.pt')) as object).toMatchObject({
    text: expect.stringContaining('neither a model package nor a checkpoint'),
  });
});
