/**
 * Measures the memory of a run's adapters: opens a scored file (generated, both orders, see scored-run.ts) in the built
 * page in Chromium, once for one adapter and once for two, and prints the bytes of the page and its workers after
 * garbage collection (`performance.measureUserAgentSpecificMemory`) when the report is complete, and those of the
 * journal.
 *
 * `npx tsx bench/report-memory.ts [rows]` (100,000), after `npm run build`. `CHROME_PATH` names another browser.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { openScored } from '../testing/browser/scored-page.ts';
import { APP_PORT } from '../testing/browser/settings.ts';
import { journalOf, writeTrainCsv } from '../testing/scored-run.ts';
import { serveBuiltPage } from './built-page.ts';
import { inWords } from './growth.ts';
import { MEASURE_MEMORY, memoryOf } from './page-memory.ts';

const ROWS = Number(process.argv[2] ?? 100_000);
const print = (line: string) => process.stdout.write(`${line}\n`);

const manifest = fileURLToPath(new URL('../dist/models/demo/tiebreak.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-report-'));
const server = await serveBuiltPage(APP_PORT);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: [...chromiumArgs('none'), MEASURE_MEMORY],
});
try {
  const csv = join(folder, 'train.csv');
  const journal = join(folder, 'journal');
  writeTrainCsv(csv, ROWS);
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${cpus()[0]!.model}; ${ROWS} rows, both orders`,
  );
  for (const adapters of [['demo'], ['demo', 'demo-b']]) {
    const bytes = await journalOf(csv, manifest, adapters);
    writeFileSync(journal, bytes);
    const context = await browser.newContext({ serviceWorkers: 'block', locale: 'en' });
    const page = await context.newPage();
    await openScored(page, server.url, csv, journal);
    await page.getByRole('tab', { name: 'Report' }).click();
    await page.locator('section[aria-label="Leaderboard"] tbody tr').first().waitFor({
      timeout: 300_000,
    });
    print(
      `  ${adapters.join(', ')}: ${inWords({ journal: bytes.length, ...(await memoryOf(page)) })}`,
    );
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
process.exit(0);
