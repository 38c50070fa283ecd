import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, type Worker as WorkerOfPage } from '@playwright/test';

/** The built app. */
export const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Starts a built worker, as the page does. */
export async function startWorker(page: Page, name: string): Promise<WorkerOfPage> {
  const [folder, file] = name.split('/') as [string, string];
  const scripts = readdirSync(dist + folder).filter((script) => script.startsWith(`${file}-`));
  expect(scripts).toHaveLength(1);
  const starting = page.waitForEvent('worker', (worker) => worker.url().endsWith(scripts[0]!));
  await page.evaluate((url) => {
    new Worker(url, { type: 'module' });
  }, `/${folder}/${scripts[0]}`);
  return starting;
}

/** Runs in the page or in a worker. Returns the answer of an address, or the fact that it is unreachable. */
export function reach(url: string): Promise<string> {
  return fetch(url).then(
    (response) => response.text(),
    () => 'refused',
  );
}
