import { expect, test } from 'vitest';
import { duration } from '../../src/texts/en/format.ts';

test.each([
  [0.84, '0.8 s'],
  [9.97, '10 s'],
  [12.4, '12 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s'],
  [3599.4, '59 min 59 s'],
  [3599.7, '1 h 0 min'],
  [7500, '2 h 5 min'],
  [7199, '2 h 0 min'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));
