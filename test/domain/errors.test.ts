import { expect, test } from 'vitest';
import { errorOf } from '../../testing/errors.ts';

test('a message that quotes megabytes is cut, and says so', () => {
  const { message } = errorOf('test/long', `The tensor ${'x'.repeat(5_000_000)} is bad.`);
  expect(message.length).toBeLessThan(1100);
  expect(message).toMatch(/^The tensor xxx.* … \(\d+ more characters\)$/);
});
