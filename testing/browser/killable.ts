import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from './chromium.ts';
import { withoutFilePicker } from './page.ts';

/** A browser with its own profile, which survives the killing of the browser. */
export class KillableBrowser {
  readonly profile = mkdtempSync(join(tmpdir(), 'tiebreak-profile-'));
  private context: BrowserContext | null = null;
  private readonly serviceWorkers: 'allow' | 'block';

  /** Without service workers the page always comes from the server. */
  constructor(serviceWorkers: 'allow' | 'block' = 'allow') {
    this.serviceWorkers = serviceWorkers;
  }

  /** Starts the browser and opens a page. */
  async open(url: string): Promise<Page> {
    // Locks of the killed browser, whose owner no longer exists.
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

  /** Kills all of its processes at once, as a power cut would. */
  async kill(): Promise<void> {
    const { context } = this;
    if (context === null) return;
    this.context = null;
    const closed = new Promise((resolve) => context.on('close', resolve));
    // Playwright makes the browser the leader of a process group.
    for (const pid of this.processes()) process.kill(-pid, 'SIGKILL');
    await closed;
  }

  /** Closes the browser and removes its profile. */
  async remove(): Promise<void> {
    await this.context?.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ids of the main process of this browser (on Linux). */
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
    // The name of the process is in parentheses and may contain any character.
    const [, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(group);
  } catch {
    return -1;
  }
}
