import type { Page } from '@playwright/test';

declare const window: Window & { shifted: number };

/** Adds up how far things move without the user having done anything just before. */
function watch(): void {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
    })[]) {
      if (!entry.hadRecentInput) window.shifted += entry.value;
    }
  }).observe({ type: 'layout-shift' });
}

/** Watches the page that is there. */
export function watchShifts(page: Page): Promise<void> {
  return page.evaluate(watch);
}

/** Watches the page from its next load on. */
export function watchShiftsOfLoad(page: Page): Promise<unknown> {
  return page.addInitScript(watch);
}

/** How far things moved: 0 for not at all; 0.1 is more than is comfortable. */
export function shifted(page: Page): Promise<number> {
  return page.evaluate(() => window.shifted);
}
