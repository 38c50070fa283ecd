import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changesOf,
  type History,
  MAX_HISTORY,
  recordScore,
  recordStep,
  type Step,
} from '../../src/explore/history.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

const inA: Step = { kind: 'edit', part: 'responseA', turn: 0 };
const inB: Step = { kind: 'edit', part: 'responseB', turn: 0 };
const opened: Step = { kind: 'opened' };

describe('history', () => {
  test('typing in one field is one state until it rests', () => {
    let history: History = recordStep([], pairOf('p', '', ''), opened, 0);
    history = recordStep(history, pairOf('p', 'H', ''), inA, 1000);
    history = recordStep(history, pairOf('p', 'Hi', ''), inA, 3000);
    expect(history.map(({ pair }) => pair.responseA[0])).toEqual(['', 'Hi']);
    history = recordStep(history, pairOf('p', 'Hi', 'Y'), inB, 3100);
    history = recordStep(history, pairOf('p', 'Hi', 'Yo'), inB, 9000);
    expect(history.map(({ pair }) => pair.responseB[0])).toEqual(['', '', 'Y', 'Yo']);
    expect(new Set(history.map(({ id }) => id)).size).toBe(4);
  });

  test('a state that is no other adds nothing', () => {
    const history = recordStep([], pairOf('p', 'a', 'b'), opened, 0);
    expect(recordStep(history, pairOf('p', 'a', 'b'), inA, 9)).toBe(history);
  });

  test('a score is that of the last state, or nobody’s', () => {
    const history = recordStep([], pairOf('p', 'a', 'b'), opened, 0);
    expect(recordScore(history, pairOf('p', 'a', 'b'), [0.5, 0.3, 0.2]).at(-1)!.mean).toEqual([
      0.5, 0.3, 0.2,
    ]);
    expect(recordScore(history, pairOf('p', 'x', 'b'), [0.5, 0.3, 0.2])).toBe(history);
    const typed = recordStep(history, pairOf('p', 'ab', 'b'), inA, 10);
    expect(
      recordStep(
        recordScore(typed, pairOf('p', 'ab', 'b'), [1, 0, 0]),
        pairOf('p', 'abc', 'b'),
        inA,
        11,
      ).at(-1)!.mean,
    ).toBeNull();
  });

  test('rows that were stepped over leave nothing; one that was scored or edited stays', () => {
    const [one, two, three] = ['1', '2', '3'].map((prompt) => pairOf(prompt, 'a', 'b'));
    let history = recordStep([], one!, opened, 0);
    history = recordStep(history, two!, opened, 1);
    expect(history.map(({ pair }) => pair)).toEqual([two]);
    history = recordScore(history, two!, [0.5, 0.3, 0.2]);
    history = recordStep(history, three!, opened, 2);
    history = recordStep(history, pairOf('3', 'ab', 'b'), inA, 3);
    history = recordStep(history, one!, opened, 4);
    expect(history.map(({ pair }) => pair.prompt[0])).toEqual(['2', '3', '3', '1']);
    expect(new Set(history.map(({ id }) => id)).size).toBe(4);
  });

  test('stays short', () => {
    let history: History = [];
    for (let i = 0; i < 3 * MAX_HISTORY; i += 1) {
      const pair = pairOf(String(i), '', '');
      history = recordScore(recordStep(history, pair, opened, i), pair, [0.5, 0.3, 0.2]);
    }
    expect(history).toHaveLength(MAX_HISTORY);
    expect(history.at(-1)!.pair.prompt).toEqual([String(3 * MAX_HISTORY - 1)]);
  });
});

describe('differences', () => {
  test('are the parts between the common ends', () => {
    const before = { prompt: ['p'], responseA: ['It is late, so go.'], responseB: ['b'] };
    const after = { prompt: ['p'], responseA: ['It is early, so go.'], responseB: ['b', 'new'] };
    expect(changesOf(before, after)).toEqual([
      { part: 'responseA', turn: 0, removed: 'late', added: 'early' },
      { part: 'responseB', turn: 1, removed: '', added: 'new' },
    ]);
  });

  test('make the one text the other', () => {
    fc.assert(
      fc.property(anyPair, anyPair, (before, after) => {
        for (const { part, turn, removed, added } of changesOf(before, after)) {
          const old = before[part][turn] ?? '';
          const now = after[part][turn] ?? '';
          expect(old.length - removed.length).toBe(now.length - added.length);
          const kept = old.length - removed.length;
          const starts = Array.from({ length: kept + 1 }, (_, at) => at);
          expect(
            starts.some((at) => old.slice(0, at) + added + old.slice(at + removed.length) === now),
          ).toBe(true);
        }
      }),
    );
  });
});
