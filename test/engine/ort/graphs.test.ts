import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/engine/ort/onnx/builder.ts';
import { headGraph, layerGraph } from '../../../src/engine/ort/onnx/graphs.ts';
import {
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from '../../../src/engine/ort/onnx/onnx_pb.ts';
import { parseConfig } from '../../../src/model/config.ts';
import type { LinearName } from '../../../src/model/layer.ts';
import { readAll, readText } from '../../../src/storage/package-files.ts';
import { builtPackage, fixtureFiles } from '../../../testing/checkpoints.ts';

const config = parseConfig(await readText(fixtureFiles('tiny-a/base'), 'config.json'));
const decode = (graph: Uint8Array) => fromBinary(ModelProtoSchema, graph);

function shapeOf({ name, type }: ValueInfoProto): [string, number, (string | number)[]] {
  if (type?.value.case !== 'tensorType') throw new Error(`${name} is no tensor`);
  const { elemType, shape } = type.value.value;
  const dimensions = shape!.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : String(value.value),
  );
  return [name, elemType, dimensions];
}

/**
 * Checks that every value is made once, before its use, and that operators outside the standard set come from
 * Microsoft's.
 */
function checkGraph({ graph, opsetImport, irVersion }: ModelProto): void {
  expect(irVersion).toBe(9n);
  expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 20n],
    ['com.microsoft', 1n],
  ]);
  const known = new Set(['', ...graph!.initializer.map(({ name }) => name)]);
  expect(known.size).toBe(graph!.initializer.length + 1);
  const nodeNames = new Set<string>();
  const add = (name: string) => {
    expect(known.has(name), `${name} is made twice`).toBe(false);
    known.add(name);
  };
  for (const { name } of graph!.input) add(name);
  for (const { name, opType, input, output, domain } of graph!.node) {
    for (const value of input) expect(known.has(value), `${name} reads ${value}`).toBe(true);
    output.forEach(add);
    expect(nodeNames.has(name), `two nodes ${name}`).toBe(false);
    nodeNames.add(name);
    const microsoft = ['MatMulBnb4', 'MatMulNBits', 'RotaryEmbedding'].includes(opType);
    expect(domain, opType).toBe(microsoft ? 'com.microsoft' : '');
  }
  for (const { name } of graph!.output) expect(known.has(name)).toBe(true);
}

describe('builder', () => {
  test('stores equal constants once', () => {
    const g = new GraphBuilder('g');
    const x = g.input('x', 'float32', ['N', 3]);
    const halves = [g.scalar(0.5), g.scalar(0.5), g.scalar(0.25)];
    expect(halves[0]).toBe(halves[1]);
    expect(halves[0]).not.toBe(halves[2]);
    const y = g.node('Mul', [g.reshape(x, [0, -1]), halves[0]!]);
    g.output('y', g.reshape(y, [0, -1]), 'float32', ['N', 3]);
    const model = decode(g.build());
    checkGraph(model);
    expect(model.graph!.initializer.map(({ dims }) => dims)).toEqual([[], [], [2n]]);
  });

  test('external data names file, offset and length', () => {
    const g = new GraphBuilder('g');
    g.external('w', 'uint8', [4], { location: 'a.safetensors', offset: 2 ** 33, length: 4 });
    const [tensor] = decode(g.build()).graph!.initializer;
    expect(tensor).toMatchObject({ name: 'w', dims: [4n], dataType: 2, dataLocation: 1 });
    expect(tensor!.externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'a.safetensors'],
      ['offset', '8589934592'],
      ['length', '4'],
    ]);
  });

  test('scopes name the values made in them', () => {
    const g = new GraphBuilder('g');
    const x = g.input('x', 'float32', [1]);
    expect(g.scope('a', () => g.scope('b', () => g.node('Abs', [x])))).toMatch(/^a\/b\/Abs/);
    expect(g.node('Abs', [x])).not.toContain('/');
  });
});

describe('layer graph', () => {
  const formats = ['none', 'nf4', 'int4', 'gptq4-64', 'gptq8-32-act-order'] as const;
  const kinds = formats.flatMap((quantization) =>
    (['float32', 'float16'] as const).map((precision) => ({ quantization, precision })),
  );

  test.each(kinds)('$quantization, $precision', (options) => {
    const model = decode(layerGraph(config, options, new Set<LinearName>(['q_proj'])));
    checkGraph(model);
    const real = options.precision === 'float16' ? 10 : 1;
    const inputs = model.graph!.input.map(shapeOf);
    const weight: Record<typeof options.quantization, [number, unknown[]]> = {
      none: [1, [128, 64]],
      nf4: [2, [4096]],
      int4: [2, [64, 4, 16]],
      'gptq4-64': [2, [64, 2, 32]],
      'gptq8-32-act-order': [2, [64, 4, 32]],
    };
    const expected: Record<string, [number, unknown[]]> = {
      hidden_states: [1, ['B', 'S', 64]],
      cos: [1, ['P', 8]],
      mask: [1, [1, 1, 'S', 'S']],
      'input_layernorm.weight': [1, [64]],
      'q_proj.lora_A': [1, [64, 'r_q_proj']],
      'q_proj.lora_B': [1, ['r_q_proj', 64]],
      'down_proj.weight': weight[options.quantization],
    };
    for (const [name, [type, shape]] of Object.entries(expected)) {
      expect(inputs.find(([input]) => input === name)).toEqual([name, type, shape]);
    }
    expect(inputs.some(([name]) => name === 'k_proj.lora_A')).toBe(false);
    // Dense weights are always float32; float16 affects only the values beside quantised weights.
    const scales = inputs.filter(([name]) => name.endsWith('.scales'));
    expect(scales).toHaveLength(options.quantization === 'none' ? 0 : 7);
    expect(scales.every(([, type]) => type === real)).toBe(true);
    const ofDown = (part: string) =>
      inputs.find(([name]) => name === `down_proj.${part}`)?.slice(1);
    const zeros = { 'gptq4-64': [2, [64]], 'gptq8-32-act-order': [2, [256]] };
    expect(ofDown('zeros')).toEqual(
      Object.entries(zeros).find(([name]) => name === options.quantization)?.[1],
    );
    const isOrdered = options.quantization === 'gptq8-32-act-order';
    expect(ofDown('order')).toEqual(isOrdered ? [6, [128]] : undefined);
    expect(model.graph!.node.filter(({ opType }) => opType === 'Gather')).toHaveLength(
      isOrdered ? 7 : 0,
    );
    expect(model.graph!.output.map(shapeOf)).toEqual([['hidden_states_out', 1, ['B', 'S', 64]]]);
  });

  test('has no soft cap where there is none', () => {
    const options = { quantization: 'none', precision: 'float32' } as const;
    const operators = (attnSoftCap: number | null) =>
      decode(layerGraph({ ...config, attnSoftCap }, options, new Set())).graph!.node.map(
        ({ opType }) => opType,
      );
    expect(operators(50)).toContain('Tanh');
    expect(operators(null)).not.toContain('Tanh');
  });
});

test('head graph', () => {
  const model = decode(headGraph(config));
  checkGraph(model);
  expect(model.graph!.input.map(shapeOf)).toEqual([
    ['hidden_states', 1, ['B', 'S', 64]],
    ['last', 7, ['B', 2]],
    ['norm', 1, [64]],
    ['score', 1, [64, 'labels']],
  ]);
  expect(model.graph!.output.map(shapeOf)).toEqual([['logits', 1, ['B', 'labels']]]);
});

test('the classifier keeps its weights in the safetensors files', async () => {
  const files = await builtPackage('tiny-a/base-bnb-4bit');
  for (const [path, locations] of [
    ['model.onnx', ['model-00001-of-00001.safetensors']],
    [
      'model_adapter.onnx',
      ['model-00001-of-00001.safetensors', 'adapters/adapter/adapter_model.safetensors'],
    ],
  ] as const) {
    const model = decode(await readAll(files, path));
    checkGraph(model);
    expect(model.graph!.input.map(shapeOf)).toEqual([
      ['input_ids', 7, ['B', 'S']],
      ['attention_mask', 7, ['B', 'S']],
    ]);
    const used = new Set<string>();
    for (const { name, dataLocation, externalData, rawData } of model.graph!.initializer) {
      if (dataLocation !== 1) {
        expect(rawData.length, name).toBeLessThan(1024);
        continue;
      }
      const data = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
      used.add(data.location!);
      const source = await files.open(data.location!);
      expect(Number(data.offset) + Number(data.length)).toBeLessThanOrEqual(source.size);
    }
    expect([...used].sort()).toEqual([...locations].sort());
  }
});
