import type { Page } from '@playwright/test';

declare const window: Window & { shifted: number; moved: string[] };

interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

/** Sums layout shifts that did not follow an action of the user, and records the elements. Runs in the page. */
function watch(): void {
  window.shifted = 0;
  window.moved = [];
  const name = (node: Node | null) => {
    const element = node instanceof Element ? node : node?.parentElement;
    const text = element?.textContent?.slice(0, 30) ?? '';
    return `${element?.tagName.toLowerCase()}.${element?.className} "${text}"`;
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as LayoutShift[]) {
      if (entry.hadRecentInput) continue;
      window.shifted += entry.value;
      for (const { node, previousRect: from, currentRect: to } of entry.sources) {
        const way = `${Math.round(from.y)} to ${Math.round(to.y)}`;
        const height = `height ${Math.round(from.height)} to ${Math.round(to.height)}`;
        window.moved.push(`${entry.value.toFixed(4)} ${name(node)}: y ${way}, ${height}`);
      }
    }
  }).observe({ type: 'layout-shift' });
}

/** Watches the open page. */
export function watchShifts(page: Page): Promise<void> {
  return page.evaluate(watch);
}

/** Watches the page from its next load on. */
export function watchShiftsOfLoad(page: Page): Promise<unknown> {
  return page.addInitScript(watch);
}

/** The sum of layout shifts: 0 for none; more than 0.1 is uncomfortable. */
export function shifted(page: Page): Promise<number> {
  return page.evaluate(() => window.shifted);
}

/** The shifted elements, one per line, for the message of a failing test. */
export function moved(page: Page): Promise<string> {
  return page.evaluate(() => window.moved.join('\n'));
}
