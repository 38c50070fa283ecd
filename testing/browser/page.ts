import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

/**
 * The app's page under observation: a test fails if the page violates its Content-Security-Policy, logs an error,
 * throws, or requests anything from another origin.
 */
export const test = base.extend<{ app: Page }>({
  app: async ({ page, baseURL }, use) => {
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== new URL(baseURL!).origin && url.protocol !== 'blob:') {
        faults.push(`request: ${request.url()}`);
      }
    });
    await page.addInitScript(withoutFilePicker);
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await page.goto('./');
    await use(page);
    expect(faults).toEqual([]);
  },
});

export { expect };

/** Makes a page choose files through an input element, since Playwright cannot answer the file picker. */
export function withoutFilePicker(): void {
  Reflect.deleteProperty(window, 'showOpenFilePicker');
}

/** Waits until the embedded model is ready. */
export async function modelReady(page: Page): Promise<void> {
  await expect(page.getByText('Runs on', { exact: true })).toBeVisible({ timeout: 60_000 });
}

/** Opens the app with the option to compute on the GPU, since an emulated one is used only on request. */
export async function openOnGpu(page: Page, address = './'): Promise<void> {
  await page.addInitScript(() => {
    localStorage.setItem(
      'tiebreak.wishes',
      JSON.stringify({
        device: 'webgpu',
        precision: 'auto',
        executor: 'auto',
        lanes: 'auto',
        budgets: {},
      }),
    );
  });
  await page.goto(address);
}

/** Chooses a CSV file as the user does. */
export async function chooseCsv(
  page: Page,
  file: string | { name: string; content: string },
): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^Choose (a|another) file$/ }).click();
  const payload =
    typeof file === 'string'
      ? file
      : { name: file.name, mimeType: 'text/csv', buffer: Buffer.from(file.content) };
  await (await chooser).setFiles(payload);
}

/** Chooses one or more adapters of the model by their names in the list. */
export async function chooseAdapter(page: Page, name: string | RegExp): Promise<void> {
  const card = page.getByRole('region', { name: 'Model', exact: true });
  await card.getByRole('button', { name: /Adapter$/ }).click();
  await page.getByRole('option', { name, exact: true }).click();
}

/** Opens the settings, which are folded at first. */
export async function openSettings(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Settings' }).click();
}

/** The button that continues the latest unfinished run, whose file the browser finds again. */
export function continueButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Continue the run of/ }).first();
}

/** Continues the latest unfinished run with its file, for which the page asks. */
export async function continueWith(page: Page, content: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await continueButton(page).click();
  await (await chooser).setFiles({
    name: 'test.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(content),
  });
}

/** Starts again and confirms that rows are computed again; the earlier run is kept. */
export async function startAgain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Start again' }).click();
}

/** Drops a file from the disk on an element, as the operating system would. @returns its path. */
export async function dropFile(page: Page, target: Locator, content: string): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'tiebreak-drop-')), 'test.csv');
  writeFileSync(path, content);
  await dropPaths(page, target, [path]);
  return path;
}

/** Drops files and folders from the disk on an element. */
export async function dropPaths(page: Page, target: Locator, files: string[]): Promise<void> {
  const box = (await target.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    const x = box.x + box.width / 2;
    await session.send('Input.dispatchDragEvent', { type, x, y: box.y + box.height / 2, data });
  }
}

/** Presses a download button. @returns the name and lines of the file. */
export async function download(
  page: Page,
  button: string,
): Promise<{ name: string; lines: string[] }> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await waiting;
  const text = readFileSync(await file.path(), 'utf8');
  return { name: file.suggestedFilename(), lines: text.trimEnd().split('\n') };
}
