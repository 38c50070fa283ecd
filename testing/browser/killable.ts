import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from './chromium.ts';
import { withoutFilePicker } from './page.ts';

/** A browser with a profile of its own, which is still there after the browser was killed. */
export class KillableBrowser {
  readonly profile = mkdtempSync(join(tmpdir(), 'tiebreak-profile-'));
  private context: BrowserContext | null = null;
  private readonly serviceWorkers: 'allow' | 'block';

  /** Without service workers the page is what the server sends. */
  constructor(serviceWorkers: 'allow' | 'block' = 'allow') {
    this.serviceWorkers = serviceWorkers;
  }

  /** Starts the browser and opens a page. */
  async open(url: string): Promise<Page> {
    // A lock of the killed browser: its owner is gone.
    for (const name of ['SingletonLock', 'SingletonSocket', 'SingletonCookie']) {
      rmSync(join(this.profile, name), { force: true });
    }
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: chromiumPath(),
      acceptDownloads: true,
      serviceWorkers: this.serviceWorkers,
      args: chromiumArgs('none'),
    });
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    await page.addInitScript(withoutFilePicker);
    await page.goto(url);
    return page;
  }

  /** Ends all of its processes at once, as a power cut would. */
  async kill(): Promise<void> {
    const { context } = this;
    if (context === null) return;
    this.context = null;
    const closed = new Promise((resolve) => context.on('close', resolve));
    // Playwright starts the browser as the leader of a process group.
    for (const pid of this.processes()) process.kill(-pid, 'SIGKILL');
    await closed;
  }

  /** Ends the browser and removes its profile. */
  async remove(): Promise<void> {
    await this.context?.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ids of the main process of this browser (Linux). */
  private processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
          return (
            command.includes(`--user-data-dir=${this.profile}`) &&
            !command.some((part) => part.startsWith('--type='))
          );
        } catch {
          return false; // it ended while it was looked at
        }
      })
      .filter((pid) => groupOf(pid) === Number(pid))
      .map(Number);
  }
}

function groupOf(pid: string): number {
  try {
    // The name of the process stands in parentheses and may contain anything.
    const [, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(group);
  } catch {
    return -1;
  }
}
