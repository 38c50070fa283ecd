import { describe, expect, test } from 'vitest';
import { joinedNotices } from '../../../src/app/i18n/joined-notices.ts';

const adapter = (name: string, notice: string | null) => ({ name, notice });

describe('what several adapters say of themselves', () => {
  test('is said once where they share it, and by its name where they do not', () => {
    const one = adapter('demo', 'Demo model: 21 MB. This adapter follows people.');
    const other = adapter('demo-b', 'Demo model: 21 MB. This adapter follows GPT-4.');
    expect(joinedNotices([one, other])).toBe(
      'Demo model: 21 MB. demo: This adapter follows people. demo-b: This adapter follows GPT-4.',
    );
    expect(joinedNotices([one, { ...one, name: 'copy' }])).toBe(one.notice);
  });

  test('is as it is of one alone, and nothing of none', () => {
    const silent = adapter('plain', null);
    expect(joinedNotices([silent, adapter('demo', 'Untrained. Means nothing.')])).toBe(
      'Untrained. Means nothing.',
    );
    expect(joinedNotices([silent])).toBe('');
  });
});
