import { expect, it } from 'vitest';
import { LatestCall } from '../../src/rpc/latest.ts';

it('takes the answer of the last call, in whatever order answers come', async () => {
  const calls = new LatestCall();
  const shown: string[] = [];
  const show = async (answer: Promise<string>) => {
    const call = calls.begin();
    const text = await answer;
    if (call.isLatest) shown.push(text);
  };
  const answers: ((text: string) => void)[] = [];
  const ask = () => show(new Promise<string>((resolve) => answers.push(resolve)));
  const first = ask();
  const second = ask();
  answers[1]?.('second');
  await second;
  answers[0]?.('first');
  await first;
  expect(shown).toEqual(['second']);
});

it('fires the signal of an earlier call when the next one begins, and only then', () => {
  const calls = new LatestCall();
  const first = calls.begin();
  expect([first.isLatest, first.signal.aborted]).toEqual([true, false]);
  const second = calls.begin();
  expect([first.isLatest, first.signal.aborted]).toEqual([false, true]);
  expect([second.isLatest, second.signal.aborted]).toEqual([true, false]);
});

it('leaves no latest call once it is given up, until the next one begins', () => {
  const calls = new LatestCall();
  calls.giveUp();
  const first = calls.begin();
  expect(first.isLatest).toBe(true);
  calls.giveUp();
  expect(first.isLatest).toBe(false);
  expect(first.signal.aborted).toBe(true);
  expect(calls.begin().isLatest).toBe(true);
  expect(first.isLatest).toBe(false);
});

it('numbers calls from 1; giving one up uses no number', () => {
  const calls = new LatestCall();
  expect(calls.number).toBe(0);
  expect(calls.begin().number).toBe(1);
  calls.giveUp();
  expect(calls.begin().number).toBe(2);
  expect(calls.number).toBe(2);
});

it('keeps kinds apart', () => {
  const call = new LatestCall().begin();
  new LatestCall().begin();
  expect(call.isLatest).toBe(true);
});
