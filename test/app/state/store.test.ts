import { createContext, createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { oneForEach } from '../../../src/app/state/one-for-each.ts';
import { Store } from '../../../src/app/state/store.ts';
import { useProvided } from '../../../src/app/state/use-selected.ts';

interface Counts {
  a: number;
  b: number;
}

class Counter extends Store<Counts> {
  change = this.set;
  changeSoon = this.setSoon;
}

let store: Counter;
/** The state at each call of the listener. */
let heard: Counts[];

beforeEach(() => {
  vi.useFakeTimers();
  store = new Counter({ a: 0, b: 0 });
  heard = [];
  store.subscribe(() => heard.push(store.getState()));
});

afterEach(() => vi.useRealTimers());

describe('a store', () => {
  test('replaces its state, keeps the other fields and tells its listeners at once', () => {
    const first = store.getState();
    store.change({ a: 1 });
    expect(store.getState()).toEqual({ a: 1, b: 0 });
    expect(first).toEqual({ a: 0, b: 0 });
    expect(heard).toEqual([{ a: 1, b: 0 }]);
  });

  test('tells nothing to a listener that has stopped', () => {
    const other = vi.fn();
    const stop = store.subscribe(other);
    store.change({ a: 1 });
    stop();
    store.change({ a: 2 });
    expect(other).toHaveBeenCalledTimes(1);
    expect(heard).toHaveLength(2);
  });

  test('tells once of what changes soon, and never later than the first of it', () => {
    store.changeSoon({ a: 1 }, 200);
    vi.advanceTimersByTime(150);
    store.changeSoon({ b: 2 }, 200);
    expect(store.getState()).toEqual({ a: 1, b: 2 });
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(heard).toEqual([{ a: 1, b: 2 }]);
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(1);
  });

  test('tells what changes soon together with what changes now', () => {
    store.changeSoon({ a: 1 });
    store.change({ b: 2 });
    vi.runAllTimers();
    expect(heard).toEqual([{ a: 1, b: 2 }]);
    store.changeSoon({ a: 3 });
    vi.runAllTimers();
    expect(heard).toHaveLength(2);
  });

  test('can be waited for', async () => {
    const waited: string[] = [];
    void store.until(({ a }) => a === 0).then(() => waited.push('already'));
    void store.until(({ a }) => a > 1).then(() => waited.push('later'));
    await vi.advanceTimersByTimeAsync(0);
    expect(waited).toEqual(['already']);
    store.change({ a: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(waited).toEqual(['already']);
    store.change({ a: 2 });
    await vi.advanceTimersByTimeAsync(0);
    expect(waited).toEqual(['already', 'later']);
  });
});

test('one value is made for each key, and only when it is asked for', () => {
  const make = vi.fn((key: { id: number }, name: string) => ({ name: `${name} ${key.id}` }));
  const ofKey = oneForEach(make);
  expect(make).not.toHaveBeenCalled();
  const [one, two] = [{ id: 1 }, { id: 2 }];
  const first = ofKey(one, 'a');
  expect(first).toEqual({ name: 'a 1' });
  expect(ofKey(one, 'b')).toBe(first);
  expect(ofKey(two, 'b')).toEqual({ name: 'b 2' });
  expect(make).toHaveBeenCalledTimes(2);
});

const NumberContext = createContext<number | null>(null);
const Shown = () => createElement('p', null, useProvided(NumberContext, 'NumberContext'));

test('a context that is provided gives its value, another one names itself', () => {
  const provided = createElement(NumberContext, { value: 7 }, createElement(Shown));
  expect(renderToStaticMarkup(provided)).toBe('<p>7</p>');
  expect(() => renderToStaticMarkup(createElement(Shown))).toThrow('NumberContext is missing');
});
