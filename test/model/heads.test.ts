import { describe, expect, test } from 'vitest';
import type { BuildOptions } from '../../src/import/build.ts';
import { verdictTokens } from '../../src/import/verdict-tokens.ts';
import { parseConfig } from '../../src/model/config.ts';
import { finishLogits, type Head, pooledLength } from '../../src/model/heads/head.ts';
import { readLmHead } from '../../src/model/heads/lm-head.ts';
import { hasPadInside, olderPooling } from '../../src/model/heads/pooling.ts';
import { parseManifest } from '../../src/model/manifest.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { withManifest } from '../../src/model/selftest.ts';
import {
  bytes,
  fixtureFiles,
  fixtureJson,
  memory,
  refusal,
  safetensors,
} from '../../testing/checkpoints.ts';
import { headTensors, packageOf, type TwoLayerHead, withTensors } from '../../testing/heads.ts';

const head: TwoLayerHead = { inner: 16, labels: 2, hasBias: true, activation: 'relu' };
const zeros = (name: string, ...shape: number[]) => {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
  return { name, dtype: 'F32' as const, shape, data };
};
const lora = (tensors: Parameters<typeof safetensors>[0]) =>
  memory({
    'adapter_config.json': JSON.stringify({
      ...{ peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['q_proj'] },
      modules_to_save: ['score'],
    }),
    'adapter_model.safetensors': safetensors(tensors),
  });
const linearAdapter = { name: 'mine', files: lora([zeros('score.weight', 3, 64)]) };

describe('heads that cannot be read', () => {
  const cases: [string, Parameters<typeof withTensors>[0], string, RegExp][] = [
    [
      'a linear head of the wrong width',
      [zeros('score.weight', 3, 60)],
      'model/shape',
      /score\.weight is F32 \[3, 60\], expected real numbers \[3, 64\]/,
    ],
    [
      'a first layer of the wrong width',
      [zeros('score.0.weight', 16, 60), zeros('score.2.weight', 1, 16)],
      'model/shape',
      /score\.0\.weight is F32 \[16, 60\], expected real numbers \[16, 64\]/,
    ],
    [
      'a second layer that does not take what the first gives',
      [zeros('score.0.weight', 16, 64), zeros('score.2.weight', 1, 12)],
      'model/shape',
      /score\.2\.weight is F32 \[1, 12\], expected real numbers \[1, 16\]/,
    ],
    [
      'a bias of another length',
      [zeros('score.weight', 3, 64), zeros('score.bias', 2)],
      'model/shape',
      /score\.bias/,
    ],
    ['a bias alone', [zeros('score.bias', 3)], 'model/unsupported', /score\.bias .* no matrix/],
    [
      'three layers',
      [0, 2, 4].map((i) => zeros(`score.${i}.weight`, i === 4 ? 3 : 64, 64)),
      'model/unsupported',
      /score has 3 linear layers/,
    ],
    [
      'two heads',
      [zeros('score.weight', 3, 64), zeros('v_head.summary.weight', 1, 64)],
      'model/unsupported',
      /two heads, the second with v_head/,
    ],
    [
      'four labels',
      [zeros('score.0.weight', 16, 64), zeros('score.2.weight', 4, 16)],
      'model/unsupported',
      /only heads of 1, 2 or 3 labels/,
    ],
    [
      'two layers whose activation nothing tells',
      headTensors(head, ['score.0', 'score.2']),
      'model/head-activation',
      /--head-activation relu/,
    ],
  ];
  test.each(cases)('%s', async (_, tensors, code, message) => {
    const error = await refusal(packageOf(await withTensors(tensors)));
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.action}`).toMatch(message);
  });

  test('an activation for a linear head', async () => {
    const base = await withTensors([zeros('score.weight', 3, 64)]);
    const error = await refusal(packageOf(base, { headActivation: 'gelu' }));
    expect(error.code).toBe('model/head-activation');
  });

  test('heads of one and of two layers in one package', async () => {
    const base = await withTensors(headTensors({ ...head, labels: 3 }, ['score.0', 'score.2']));
    const error = await refusal(
      packageOf(base, { adapters: [linearAdapter], headActivation: 'relu' }),
    );
    expect(error.code).toBe('adapter/mismatch');
    expect(error.message).toMatch(/numbers of layers: 2, 1/);
  });

  test('a head of an adapter of the wrong width', async () => {
    const files = lora([zeros('score.weight', 3, 32)]);
    const error = await refusal(
      packageOf(await withTensors([]), { adapters: [{ name: 'mine', files }] }),
    );
    expect(error.code).toBe('adapter/mismatch');
    expect(error.message).toMatch(/score\.weight is \[3, 32\], expected \[3, 64\]/);
  });

  test('an adapter of another family', async () => {
    const adapters = [{ name: 'mine', files: fixtureFiles('qwen3-a/adapter') }];
    const error = await refusal(packageOf(fixtureFiles('llama-a/base'), { adapters }));
    expect(error.code).toBe('adapter/mismatch');
    expect(error.message).toMatch(/does not fit the base model/);
  });
});

describe('verdict tokens that cannot be a head', () => {
  const causal = fixtureFiles('lm-llama-a/base');
  const cases: [string, BuildOptions['verdicts'], string, RegExp][] = [
    ['none are named', undefined, 'model/no-score', /LlamaForCausalLM.*--verdict-tokens/],
    ['one is beyond the vocabulary', [[11], [600]], 'model/verdict', /600 .* 0 to 599/],
    ['there are four', [[1], [2], [3], [4]], 'model/verdict', /4 verdicts; a head has 3 at most/],
    ['one is named twice', [[11, 12], [11]], 'model/verdict', /a token twice/],
    ['they are too many', [Array.from({ length: 65 }, (_, i) => i)], 'model/verdict', /than 64/],
  ];
  test.each(cases)('%s', async (_, verdicts, code, message) => {
    const error = await refusal(packageOf(causal, { verdicts }));
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.action}`).toMatch(message);
  });

  test('the checkpoint or an adapter has a score head', async () => {
    const base = await withTensors([zeros('score.weight', 3, 64)]);
    const error = await refusal(packageOf(base, { verdicts: [[1], [2]] }));
    expect(error.code).toBe('model/verdict');
    const other = await refusal(
      packageOf(causal, { verdicts: [[1], [2]], adapters: [linearAdapter] }),
    );
    expect(other.message).toMatch(/The adapter mine has a score head/);
  });

  test('the head is not tied to the embedding, and is not there', async () => {
    const error = await refusal(packageOf(await withTensors([]), { verdicts: [[1], [2]] }));
    expect(error.code).toBe('model/no-lm-head');
    expect(error.message).toContain('lm_head.weight');
  });
});

describe('verdicts as texts', () => {
  const words = ['A', ' A', 'B', 'ti', 'e'];
  const tokenizer = {
    encode: (text: string) =>
      text === 'tie' ? [3, 4] : [words.indexOf(text)].filter((id) => id >= 0),
    piece: (id: number) => words[id]!,
  };

  test('are single tokens', () => {
    expect(verdictTokens([['A', ' A'], ['B']], tokenizer)).toEqual([[0, 1], [2]]);
  });

  test.each([
    ['tie', '“tie” is no single token, but 2: ti (3), e (4)'],
    ['', '“” is no single token, but 0'],
  ])('are refused with their tokens otherwise: "%s"', (text, message) => {
    expect(() => verdictTokens([['A'], [text]], tokenizer)).toThrow(message);
  });
});

test('a config.json without the fields means what its family means', () => {
  const of = (folder: string, changes: Record<string, unknown>) =>
    readLmHead(JSON.stringify({ ...fixtureJson(`${folder}/config.json`), ...changes }));
  const unnamed = { tie_word_embeddings: undefined, final_logit_softcapping: undefined };
  expect(of('lm-gemma2-a/base', unnamed)).toEqual({ tied: true, softCap: 30 });
  expect(of('lm-gemma2-a/base', { final_logit_softcapping: null }).softCap).toBeNull();
  expect(of('gemma3-a/base', unnamed)).toEqual({ tied: true, softCap: null });
  for (const model of ['lm-llama-a', 'lm-qwen3-a', 'qwen2-a', 'mistral-a']) {
    expect(of(`${model}/base`, unnamed)).toEqual({ tied: false, softCap: null });
    // These families do not read it.
    expect(of(`${model}/base`, { final_logit_softcapping: 30 }).softCap).toBeNull();
  }
});

test('logits of verdicts stay exact where exponentials would overflow', () => {
  const verdicts: Head = { kind: 'verdict', verdicts: [[1, 2], [3]], softCap: null };
  const [a, b] = finishLogits(verdicts, Float32Array.of(900, 900, -900));
  expect(a).toBeCloseTo(900 + Math.log(2), 3);
  expect(b).toBe(-900);
});

describe('the token that is read', () => {
  const config = (padTokenId: number | null | undefined) =>
    parseConfig(
      JSON.stringify({ ...fixtureJson('llama-a/base/config.json'), pad_token_id: padTokenId }),
    );
  const ids = Int32Array.of(7, 5, 8, 5, 5);

  test('the last that is not the padding token', () => {
    expect(pooledLength(ids, config(5))).toBe(3);
    expect(pooledLength(Int32Array.of(5, 5), config(5))).toBe(1);
  });

  test('the last of all where there is no padding token', () => {
    expect(pooledLength(ids, config(null))).toBe(5);
    expect(pooledLength(ids, config(undefined))).toBe(5);
  });

  test('the last of all for verdict tokens', () => {
    const verdict: Head = { kind: 'verdict', verdicts: [[1], [2]], softCap: null };
    expect(pooledLength(ids, config(5), verdict)).toBe(5);
  });

  test('the last of all for a value head, of one layer or two', async () => {
    for (const tensors of [
      [zeros('v_head.summary.weight', 1, 64), zeros('v_head.summary.bias', 1)],
      headTensors({ ...head, labels: 1 }, ['v_head.summary.0', 'v_head.summary.2']),
    ]) {
      const pkg = await packageOf(await withTensors(tensors));
      expect(pooledLength(ids, pkg.config, pkg.head)).toBe(5);
      expect(hasPadInside(ids, pkg.config, pkg.head)).toBe(false);
    }
  });
});

describe('other versions of Transformers', () => {
  const linear: Head = { kind: 'linear' };
  const of = (changes: Record<string, unknown>, head: Head = linear) => {
    const text = JSON.stringify({ ...fixtureJson('llama-a/base/config.json'), ...changes });
    return olderPooling(text, parseConfig(text), head);
  };

  test('read another token before 4.49', () => {
    for (const version of ['4.42.3', '4.48.0.dev0', '3.9']) {
      expect(of({ transformers_version: version })).toBe(version);
    }
    for (const version of ['4.49.0', '4.100', '5.17.0', 'main', null, undefined]) {
      expect(of({ transformers_version: version })).toBeNull();
    }
  });

  test('read the same where nothing is padding, or the head is of verdict tokens', () => {
    const old = { transformers_version: '4.42.3' };
    expect(of({ ...old, pad_token_id: null })).toBeNull();
    expect(of(old, { kind: 'verdict', verdicts: [[1]], softCap: null })).toBeNull();
  });

  test('differ in rows with padding inside, which the references have', () => {
    const inside = ['qwen3-a', 'llama-a', 'qwen2-a', 'mistral-a', 'gemma3-a'].flatMap((model) => {
      const { input_ids: rows, pooled } = fixtureJson(`${model}/expected.json`) as {
        input_ids: number[][];
        pooled: number[];
      };
      const text = JSON.stringify(fixtureJson(`${model}/base/config.json`));
      const config = parseConfig(text);
      return rows.map((row, r) => {
        const before = row.slice(0, pooled[r]).includes(config.padTokenId!);
        expect(hasPadInside(Int32Array.from(row), config, linear)).toBe(before);
        return before;
      });
    });
    expect(new Set(inside).size).toBe(2);
  });
});

describe('the head in a manifest', () => {
  const manifest = async (change: unknown) => {
    const pkg = await packageOf(fixtureFiles('lm-gemma2-a/base'), { verdicts: [[11, 12], [57]] });
    return { pkg, text: JSON.stringify({ ...pkg.manifest, head: change }) };
  };

  test.each<[string, unknown]>([
    ['another kind', { kind: 'cubic' }],
    ['another activation', { kind: 'two-layer', activation: 'swish' }],
    ['no verdict', { kind: 'verdict', verdicts: [], softCap: null }],
    ['a verdict without tokens', { kind: 'verdict', verdicts: [[1], []], softCap: null }],
    ['four', { kind: 'verdict', verdicts: [[1], [2], [3], [4]], softCap: null }],
    ['a token twice', { kind: 'verdict', verdicts: [[1], [1]], softCap: null }],
    ['a cap of 0', { kind: 'verdict', verdicts: [[1]], softCap: 0 }],
  ])('%s is refused', async (_, change) => {
    const { text } = await manifest(change);
    expect(() => parseManifest(text)).toThrow(
      expect.objectContaining({ code: 'package/manifest' }),
    );
  });

  test.each<[string, unknown]>([
    ['other tokens than rows', { kind: 'verdict', verdicts: [[11], [57]], softCap: 30 }],
    ['two layers', { kind: 'two-layer', activation: 'relu' }],
  ])('%s do not fit the tensors', async (_, change) => {
    const { pkg, text } = await manifest(change);
    const files = withManifest(pkg.files, 'tiebreak.json', bytes(text));
    const error = await refusal((await ModelPackage.open(files)).labels(null));
    expect(error.code).toBe('package/head');
  });
});
