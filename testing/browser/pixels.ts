import type { Locator } from '@playwright/test';

/**
 * Tells if an element looks different after a change. The change is made to the element itself and stays.
 * @param change runs in the page.
 */
export async function looksOther(
  locator: Locator,
  change: (element: HTMLElement) => void,
): Promise<boolean> {
  const options = { animations: 'disabled', caret: 'hide' } as const;
  const before = await locator.screenshot(options);
  await locator.evaluate(change);
  return !before.equals(await locator.screenshot(options));
}
