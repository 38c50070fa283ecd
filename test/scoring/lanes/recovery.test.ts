import { describe, expect, test } from 'vitest';
import {
  decide,
  type FailedLane,
  type FailedWork,
  type FailureKind,
  failureKind,
} from '../../../src/scoring/lanes/recovery.ts';
import { errorOf } from '../../../testing/errors.ts';

const work = (more: Partial<FailedWork> = {}): FailedWork => ({
  rows: 8,
  tokens: 4096,
  failures: 0,
  ...more,
});
const lane = (more: Partial<FailedLane> = {}): FailedLane => ({
  failures: 0,
  largestDone: 8192,
  canRebuild: true,
  ...more,
});

describe('reactions to a failure', () => {
  test('a lost device: a new one and the same batch; then halves; then the lane ends', () => {
    const again = { lane: 'rebuild', halve: false, smaller: false };
    expect(decide('device', work(), lane())).toEqual(again);
    expect(decide('device', work({ failures: 1 }), lane({ failures: 1 }))).toEqual({
      ...again,
      halve: true,
    });
    expect(decide('device', work({ failures: 2, rows: 1 }), lane({ failures: 2 }))).toEqual({
      ...again,
      lane: 'end',
    });
  });

  test('a batch that fails everywhere stops the run', () => {
    expect(decide('device', work({ failures: 3 }), lane())).toEqual({ lane: 'stop' });
    expect(decide('memory', work({ failures: 3, rows: 1 }), lane())).toEqual({ lane: 'stop' });
  });

  test('too little memory halves down to one row, however often', () => {
    let rows = 100;
    let halvings = 0;
    for (; rows > 1; rows = Math.ceil(rows / 2)) {
      const decision = decide('memory', work({ rows, failures: 2 }), lane({ failures: 2 }));
      expect(decision).toEqual({ lane: 'rebuild', halve: true, smaller: true });
      halvings += 1;
    }
    expect(halvings).toBe(7);
    const one = decide('memory', work({ rows: 1, failures: 2 }), lane({ failures: 2 }));
    expect(one).toEqual({ lane: 'end', halve: false, smaller: false });
  });

  test('a lane that cannot be started anew ends at its first failure', () => {
    expect(decide('device', work(), lane({ canRebuild: false }))).toMatchObject({ lane: 'end' });
    expect(decide('memory', work(), lane({ canRebuild: false }))).toMatchObject({ lane: 'end' });
  });

  test('a device that computes wrongly is not asked again', () => {
    expect(decide('refused', work(), lane())).toMatchObject({ lane: 'end', halve: false });
  });

  test('what is not the device’s doing stops the run', () => {
    expect(decide('fatal', work(), lane())).toEqual({ lane: 'stop' });
  });
});

describe('kinds of failures', () => {
  const kinds: [string, string, FailureKind][] = [
    ['gpu/out-of-memory', 'GPU memory is short.', 'memory'],
    ['engine/failed', 'ONNX Runtime failed: std::bad_alloc', 'memory'],
    ['engine/failed', 'ONNX Runtime failed: memory access out of bounds', 'memory'],
    ['engine/worker-died', 'stopped: Uncaught RuntimeError: Aborted(OOM)', 'memory'],
    ['internal/unexpected', 'Array buffer allocation failed', 'memory'],
    ['engine/worker-died', 'The worker stopped.', 'device'],
    ['engine/hung', 'no answer', 'device'],
    ['engine/not-finite', 'NaN', 'device'],
    ['gpu/lost', 'The GPU was lost.', 'device'],
    ['gpu/device', 'no device', 'device'],
    ['engine/self-test', 'wrong', 'refused'],
    ['gpu/none', 'no GPU', 'refused'],
    ['engine/tokens', 'an id beyond the vocabulary', 'fatal'],
    ['run/cancelled', 'Cancelled.', 'fatal'],
    ['package/damaged', 'out of memory is only in the text', 'fatal'],
    ['storage/changed', 'changed', 'fatal'],
  ];
  test.each(kinds)('%s: %s', (code, message, kind) => {
    expect(failureKind(errorOf(code, message), work(), lane())).toBe(kind);
  });

  test('a device lost during the largest batch so far is short of memory', () => {
    const lost = errorOf('gpu/lost', 'The GPU was lost.');
    expect(failureKind(lost, work({ tokens: 8193 }), lane())).toBe('memory');
    expect(failureKind(lost, work({ tokens: 8192 }), lane())).toBe('device');
  });
});
