import { expect, test } from 'vitest';
import type { RunState } from '../../../../src/app/page/state.ts';
import { notificationText, titleText } from '../../../../src/app/score/run/watch.ts';
import type { Progress } from '../../../../src/scoring/events.ts';

const progress = { tokensDone: 419, tokensTotal: 1000 } as Progress;
const running: RunState = { status: 'running', progress, rest: { status: 'no' } };
const stuck: RunState = {
  ...running,
  rest: { status: 'resting', error: { code: 'storage/full', message: 'Full.' } },
};

test('the title shows how far a run is', () => {
  const title = (run: RunState) => titleText({ run });
  expect(title({ status: 'idle' })).toBeNull();
  expect(title({ ...running, progress: null })).toBe('0 %');
  expect(title(running)).toBe('41 %');
  expect(title({ ...running, rest: { status: 'resting', error: null } })).toBe('Paused, 41 %');
  expect(title({ status: 'ended', outcome: 'complete' })).toBe('Done');
  expect(title({ status: 'ended', outcome: 'cancelled' })).toBeNull();
});

test('a notification comes when a run ends by itself or cannot go on', () => {
  const text = (run: RunState, was: RunState = running) =>
    notificationText({ run, results: null }, was);
  expect(text({ status: 'ended', outcome: 'complete' })).toMatch(/scored/);
  expect(text({ status: 'ended', outcome: 'cancelled' })).toBeNull();
  expect(text({ status: 'failed', error: new Error() as never })).toMatch(/failed/);
  expect(text(stuck)).toMatch(/paused/);
  expect(text(stuck, stuck)).toBeNull();
  expect(text({ status: 'ended', outcome: 'complete' }, { status: 'idle' })).toBeNull();
});
