import { expect, test } from 'vitest';
import { chooseLanguage } from '../../../../src/app/i18n/language.ts';
import { screenOf } from '../../../../src/app/ui/navigation/screens.ts';

test.each([
  ['', 'score'],
  ['#explore', 'explore'],
  ['#explore?pair=abc?d', 'explore'],
  ['#report', 'report'],
  ['#exploreX', 'score'],
])('the fragment %j shows %s', (fragment, screen) => expect(screenOf(fragment)).toBe(screen));

test.each([
  ['', ['ja-JP', 'en'], 'ja'],
  ['', ['de-AT', 'en-GB', 'ja'], 'en'],
  ['', ['fr'], 'en'],
  ['?lang=ja', ['en'], 'ja'],
  ['?lang=xx', ['ja'], 'ja'],
])('%s with %j: %s', (search, preferred, expected) =>
  expect(chooseLanguage(search, preferred)).toBe(expected),
);
