import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelPackage } from '../../../src/model/package.ts';
import { NodeDirectory } from '../../../src/storage/node-file.ts';
import { fixture } from '../../../testing/checkpoints.ts';
import { command, run } from '../../../testing/command.ts';
import { largestDifference, referenceCases, TOLERANCE } from '../../../testing/reference-cases.ts';

// Every command is a separate process that loads ONNX Runtime, which takes seconds on a busy machine.
const TIMEOUT = 60_000;

const reference = referenceCases().find(({ name }) => name === 'tiny-d-nf4')!;
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const model = at('model');
const tokens = at('tokens.json');
const build = (...args: string[]) => command('build-model', '--base', reference.base, ...args);

beforeAll(async () => {
  writeFileSync(tokens, JSON.stringify(reference.tokens));
  const built = await build('--adapter', `mine=${reference.adapter}`, '--out', model);
  if (built.code !== 0) throw new Error(built.stderr);
}, TIMEOUT);

describe('build-model', { timeout: TIMEOUT }, () => {
  test('writes a package and nothing on stdout; an earlier one is replaced', async () => {
    const out = at('a/new/folder');
    const adapters = ['--adapter', reference.adapter, '--adapter', `b.2=${reference.adapter}`];
    const first = await build(...adapters, '--out', out, '--name', 'A name', '--soft-cap', 'none');
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toMatch(
      /: 11 files, [\d,]+ bytes, .*\n.*NF4.*soft cap none\nhead: one linear layer\nadapters: adapter, b\.2/,
    );
    const pkg = await ModelPackage.open(new NodeDirectory(out));
    await pkg.verify();
    expect(pkg.manifest).toMatchObject({ name: 'A name', softCap: null, quantization: 'nf4' });
    expect(pkg.adapterNames).toEqual(['adapter', 'b.2']);

    expect((await build('--out', out, '--quant', 'none')).code).toBe(0);
    const replaced = await ModelPackage.open(new NodeDirectory(out));
    expect([replaced.adapterNames, replaced.manifest.quantization]).toEqual([[], 'none']);
    expect(existsSync(join(out, 'adapters'))).toBe(false);
    expect(readdirSync(at('a/new'))).toEqual(['folder']);
  });

  test('leaves nothing behind when it fails, and an earlier package as it was', async () => {
    const before = readdirSync(model);
    const failed = await build('--out', model, '--adapter', fixture('tiny-a/adapter'));
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('[adapter/mismatch]');
    expect(readdirSync(model)).toEqual(before);
    expect(existsSync(`${model}.partial`)).toBe(false);
  });

  test('does not replace a folder that is not a package', async () => {
    const out = at('precious');
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'text');
    const refused = await build('--out', out);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('is not a model package');
    expect(readdirSync(out)).toEqual(['thesis.txt']);
  });

  test.each([
    ['no --out', [], 'Name the directory'],
    ['a soft cap of 0', ['--out', at('x'), '--soft-cap', '0'], '--soft-cap must be'],
    [
      'an adapter that is nowhere',
      ['--out', at('x'), '--adapter', at('no')],
      'neither a directory',
    ],
    ['its own source as --out', ['--out', reference.base], 'which it is built from'],
  ])('%s is a usage error', async (_, args, message) => {
    const refused = await build(...args);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(existsSync(at('x'))).toBe(false);
  });

  test('two adapters of one name are a usage error', async () => {
    const two = ['--adapter', reference.adapter, '--adapter', reference.adapter];
    expect(await build(...two, '--out', at('x'))).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('logits', { timeout: TIMEOUT }, () => {
  const logits = (...args: string[]) => command('logits', '--model', model, ...args);
  const parse = (stdout: string): number[][] => {
    expect(stdout.endsWith('\n') && !stdout.slice(0, -1).includes('\n')).toBe(true);
    return JSON.parse(stdout).logits;
  };

  test('prints the reference logits and nothing else; the first adapter is the default', async () => {
    const { code, stdout, stderr } = await logits('--tokens', tokens, '--device', 'wasm');
    expect(code).toBe(0);
    expect(largestDifference(parse(stdout), reference.expected.adapter)).toBeLessThan(TOLERANCE);
    expect(stderr).toMatch(
      /adapter mine, on CPU \(WebAssembly, \d+ threads?\), ONNX Runtime, float32/,
    );
  });

  test('of the base model alone, through npm script and runner', async () => {
    const { code, stdout } = await run(process.execPath, [
      'scripts/run.mjs',
      'logits',
      ...['--model', model, '--tokens', tokens, '--adapter', 'none', '--device=wasm'],
    ]);
    expect(code).toBe(0);
    expect(largestDifference(parse(stdout), reference.expected.none)).toBeLessThan(TOLERANCE);
  });

  test('npm itself adds nothing to stdout', async () => {
    const { stdout } = await run('npm', ['run', 'logits', '--', '--help']);
    expect(stdout).toMatch(/^Usage: npm run logits /);
  });

  test('rows come back in their order however many batches they make', async () => {
    const many = Array.from({ length: 120 }, (_, i) => reference.tokens[i % 5]!);
    const path = at('many.json');
    writeFileSync(path, JSON.stringify(many));
    const { stdout } = await logits('--tokens', path, '--device', 'wasm');
    const expected = many.map((_, i) => reference.expected.adapter[i % 5]!);
    expect(many.flat().length).toBeGreaterThan(4096);
    expect(largestDifference(parse(stdout), expected)).toBeLessThan(TOLERANCE);
  });

  test('no rows are no logits', async () => {
    const path = at('none.json');
    writeFileSync(path, '[]');
    const { code, stdout } = await logits('--tokens', path, '--device', 'wasm');
    expect([code, stdout]).toEqual([0, '{"logits":[]}\n']);
  });

  test.each([
    ['not JSON', '[[2, 1]', /bad\.json: .*not JSON/],
    ['a row that is no array', '[[2, 1], 5]', /row 2: The row is not an array/],
    ['an id beyond the vocabulary', '[[2, 768]]', /row 1: Token 2 is 768.*0 to 767/],
    ['text', '[["<bos>"]]', /row 1: Token 1 is of type string/],
  ])('a token file with %s is refused', async (_, text, message) => {
    const path = at('bad.json');
    writeFileSync(path, text);
    const refused = await logits('--tokens', path, '--device', 'wasm');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(message);
  });

  test.each([
    ['an unknown device', ['--tokens', tokens, '--device', 'npu'], '--device must be', 2],
    ['an unknown adapter', ['--tokens', tokens, '--adapter', 'x'], 'Its adapters: mine', 1],
    [
      'float16 on the CPU',
      ['--tokens', tokens, '--device', 'wasm', '--precision', 'float16'],
      'does not compute in float16',
      1,
    ],
    ['a token file that is nowhere', ['--tokens', at('no.json')], 'The file cannot be read', 1],
  ])('%s', async (_, args, message, code) => {
    const refused = await logits(...args);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(message);
  });
});
