import type { Page } from '@playwright/test';

/** Argument of Chromium that makes {@link memoryOf} return at once. */
export const MEASURE_MEMORY = '--enable-blink-features=ForceEagerMeasureMemory';

/** Bytes of the page and of each kind of worker after a garbage collection, as counted by the browser. */
export function memoryOf(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    type Memory = {
      breakdown: { bytes: number; attribution: { url: string; scope: string }[] }[];
    };
    const { measureUserAgentSpecificMemory: measure } = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<Memory>;
    };
    const { breakdown } = await measure.call(performance);
    const sums: Record<string, number> = {};
    for (const { bytes: part, attribution } of breakdown) {
      const [of] = attribution;
      const name =
        of === undefined
          ? 'shared'
          : of.scope === 'Window'
            ? 'page'
            : (/([a-z]+\.worker)/.exec(of.url)?.[1] ?? of.scope);
      sums[name] = (sums[name] ?? 0) + part;
    }
    return sums;
  });
}
