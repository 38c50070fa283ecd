import type { Page } from '@playwright/test';

declare const window: Window & { shifted: number; moved: string[] };

interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

/** Adds up how far things move without the user having done anything just before, and notes what. Goes to the page. */
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

/** What moved, a line each, for the message of a test that fails. */
export function moved(page: Page): Promise<string> {
  return page.evaluate(() => window.moved.join('\n'));
}
