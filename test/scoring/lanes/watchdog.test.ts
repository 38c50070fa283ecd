import { describe, expect, test } from 'vitest';
import { hangLimit, type Timers, watch } from '../../../src/scoring/lanes/watchdog.ts';

/** A clock and one timer that the test advances. */
class FakeTimers implements Timers {
  time = 0;
  tick: (() => void) | undefined;
  now = () => this.time;
  every(_ms: number, tick: () => void) {
    this.tick = tick;
    return () => {
      this.tick = undefined;
    };
  }
  /** Seconds in which the timer fires normally. */
  run(seconds: number): void {
    for (let i = 0; i < seconds; i += 1) {
      this.time += 1000;
      this.tick?.();
    }
  }
}

function watched(limitMs: number): { timers: FakeTimers; hangs: () => number; stop: () => void } {
  const timers = new FakeTimers();
  let hangs = 0;
  const stop = watch(limitMs, () => (hangs += 1), timers);
  return { timers, hangs: () => hangs, stop };
}

describe('the watchdog', () => {
  test('fires once, when the time is over', () => {
    const { timers, hangs } = watched(60_000);
    timers.run(59);
    expect(hangs()).toBe(0);
    timers.run(100);
    expect(hangs()).toBe(1);
  });

  test('does not fire after it was stopped', () => {
    const { timers, hangs, stop } = watched(60_000);
    timers.run(30);
    stop();
    timers.run(100);
    expect(hangs()).toBe(0);
  });

  test('a machine that slept for a night did not hang', () => {
    const { timers, hangs } = watched(60_000);
    timers.run(10);
    timers.time += 8 * 3600 * 1000;
    timers.run(40);
    expect(hangs()).toBe(0);
    timers.run(10);
    expect(hangs()).toBe(1);
  });

  test('nor did one whose clock goes back or whose timers are rare', () => {
    const { timers, hangs } = watched(60_000);
    timers.time -= 1e9;
    timers.run(50);
    expect(hangs()).toBe(0);
    const rare = watched(60_000);
    for (let minute = 0; minute < 29; minute += 1) {
      rare.timers.time += 60_000;
      rare.timers.tick?.();
    }
    expect(rare.hangs()).toBe(0);
  });
});

test('a batch may take twenty times what the rate predicts, and never less than a minute', () => {
  expect(hangLimit(8192, 8192)).toBe(60_000);
  expect(hangLimit(8192, 819.2)).toBe(200_000);
  expect(hangLimit(1, null)).toBe(600_000);
  expect(hangLimit(8192, null)).toBe(2_048_000);
});
