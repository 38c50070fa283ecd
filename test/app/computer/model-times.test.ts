import { describe, expect, it, vi } from 'vitest';
import { modelNames, shapeConfig } from '../../../src/app/computer/gemma-sizes.ts';
import { measureRate } from '../../../src/app/computer/measure-rate.ts';
import { isRough, timesOf } from '../../../src/app/computer/model-times.ts';
import { coarsely } from '../../../src/app/i18n/format.ts';
import { readCostOfLargest, writeCost } from '../../../src/app/page/known-costs.ts';
import { operationsOf, rateOfRun, textOfRows } from '../../../src/app/page/rate.ts';
import { flopsOf } from '../../../src/engine/planning/flops.ts';
import type { ExploreRequest } from '../../../src/scoring/worker/explore-api.ts';
import { ENGINE, MODEL } from '../../../testing/fake-api.ts';

const flops9B = flopsOf(shapeConfig('9B'));
const GPU = { place: { kind: 'named', name: 'GPU' } } as const;

describe('operations of models', () => {
  it('follows from their shapes', () => {
    // 42 layers: q and o of 3584 × 4096, k and v of 3584 × 2048, three of 3584 × 14336.
    const parameters = 42 * 3584 * (2 * 4096 + 2 * 2048 + 3 * 14_336);
    expect(flops9B).toEqual({ token: 2 * parameters, square: 42 * 4 * 4096 });
  });

  it('grows with the square of the length in attention', () => {
    const flops = { token: 100, square: 1 };
    expect(operationsOf(flops, { tokens: 10, squares: 100 })).toBe(1100);
    expect(operationsOf(flops, { tokens: 20, squares: 400 })).toBe(2400);
  });
});

describe('times of other models', () => {
  const cost = { batches: 0, tokens: 1e-3, squares: 1e-9 };

  it('are those of the run for the model that ran', () => {
    const text = textOfRows(1000, null);
    const seconds = 1e-3 * text.tokens + 1e-9 * text.squares;
    expect(timesOf(rateOfRun(cost, flops9B, GPU), text)['9B']).toBeCloseTo(seconds, 6);
  });

  it('are to each other as the operations', () => {
    const text = textOfRows(25_000, null);
    const times = timesOf(rateOfRun(cost, flops9B, GPU), text);
    for (const name of modelNames) {
      const ratio = operationsOf(flopsOf(shapeConfig(name)), text) / operationsOf(flops9B, text);
      expect(times[name] / times['9B']).toBeCloseTo(ratio, 9);
    }
    expect(times['2B']).toBeLessThan(times['9B'] / 3);
    expect(times['27B']).toBeGreaterThan(times['9B'] * 2);
  });

  it('take the rows of the file where they are known', () => {
    const file = { rows: 10, tokens: 1000, squares: 150_000 };
    expect(textOfRows(1000, file)).toEqual({ tokens: 100_000, squares: 15_000_000 });
    expect(textOfRows(2, null)).toEqual({ tokens: 1280, squares: 2 * 640 ** 2 });
  });

  it('are rough by a small model', () => {
    expect(isRough(rateOfRun(cost, { token: 3e6, square: 3e3 }, GPU))).toBe(true);
    expect(isRough(rateOfRun(cost, flops9B, GPU))).toBe(false);
  });

  it.each([
    [30, 'under 10 minutes'],
    [601, 'about 20 minutes'],
    [3000, 'about 50 minutes'],
    [3400, 'about 1 hour'],
    [5 * 3600, 'about 5 hours'],
    [36 * 3600, 'about 36 hours'],
    [80 * 3600, 'about 3 days'],
    [236 * 86_400, 'about 240 days'],
    [400 * 86_400, 'more than a year'],
  ])('of %i seconds are rounded to %s', (seconds, text) => expect(coarsely(seconds)).toBe(text));
});

describe('costs of runs', () => {
  const model = (sha: string, token: number, computesOn = 'GPU') => ({
    ...MODEL,
    sha256: sha.repeat(64),
    flops: { token, square: 10 },
    lanes: [{ name: computesOn, engine: { ...ENGINE, computesOn }, error: null }],
  });

  function storage() {
    let kept: string | null = null;
    return {
      getItem: () => kept,
      setItem: (_: string, text: string) => {
        kept = text;
      },
    };
  }

  it('is that of the largest model on the same device, and of nothing else', () => {
    const kept = storage();
    const cost = (tokens: number) => ({ batches: 0, tokens, squares: 0 });
    expect(readCostOfLargest(kept, model('a', 100))).toBeNull();
    writeCost(kept, model('a', 5000), 1, cost(5));
    writeCost(kept, model('b', 100), 2, cost(1));
    writeCost(kept, model('c', 9000, 'Other GPU'), 1, cost(9));
    expect(readCostOfLargest(kept, model('d', 1))?.cost).toEqual(cost(5));
    expect(readCostOfLargest(kept, model('d', 1, 'CPU'))).toBeNull();
  });

  it('counts the layers once for each adapter', () => {
    const kept = storage();
    writeCost(kept, model('a', 100), 2, { batches: 0, tokens: 1, squares: 0 });
    expect(readCostOfLargest(kept, model('a', 100))?.flops).toEqual({ token: 200, square: 20 });
  });
});

describe('a measurement', () => {
  const answers = (seconds: number[]) => {
    const asked: ExploreRequest[] = [];
    const explore = vi.fn(async (request: ExploreRequest) => {
      asked.push(request);
      const facts = request.texts.map(() => ({
        tokens: 100,
        length: 100,
        truncated: false,
        cut: [],
      }));
      const { adapters } = request;
      const logits = new Float32Array(3 * facts.length);
      return { adapters, logits, facts, engine: ENGINE, seconds: seconds[asked.length - 1]! };
    });
    return { explore, asked };
  };

  const flops = { token: 50, square: 1 };
  const ofText = 100 * 50 + 10_000;
  const measured = (explore: unknown) =>
    measureRate({ explore } as never, { engine: ENGINE, flops }, 'one');

  it('takes the fastest of two texts and a batch, of which the first compiles', async () => {
    const { explore, asked } = answers([9, 2, 3]);
    const rate = await measured(explore);
    // Two texts of 100 tokens on a CPU.
    expect(rate.secondsPerOperation).toBe(3 / (2 * ofText));
    expect(rate).toMatchObject({ how: 'measured', place: ENGINE.place });
    const texts = asked.flatMap((request) => request.texts.map(({ pair }) => JSON.stringify(pair)));
    expect(texts).toHaveLength(4);
    expect(new Set(texts).size).toBe(4);
  });

  it.each([
    ['a device that is slow', [11, 5, 1], 1],
    ['one that would need long for a batch', [3, 2.5, 1], 2],
  ])('does not keep %s busy', async (_, seconds, calls) => {
    const { explore } = answers(seconds);
    const rate = await measured(explore);
    expect(explore).toHaveBeenCalledTimes(calls);
    expect(rate.secondsPerOperation).toBe(Math.min(...seconds.slice(0, calls)) / ofText);
  });

  it('ends with the error of what took its place', async () => {
    const explore = vi.fn().mockRejectedValue(new Error('cancelled'));
    await expect(
      measureRate({ explore }, { engine: ENGINE, flops: flops9B }, null),
    ).rejects.toThrow('cancelled');
    expect(explore).toHaveBeenCalledTimes(1);
  });
});
