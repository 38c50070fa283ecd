import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, expect, modelReady, test } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

interface Watched {
  hide(hidden: boolean): void;
  notes: string[];
  locks: { taken: number; held: number };
}
declare const window: Window & { watched: Watched };

/** Makes a page that can be hidden like a tab in the background: nothing is drawn, and the screen lock is released. */
function hideable(permission: NotificationPermission): void {
  let hidden = false;
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => (hidden ? 0 : frame(draw));
  Object.defineProperty(document, 'visibilityState', {
    get: () => (hidden ? 'hidden' : 'visible'),
  });
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  const held = new Set<() => void>();
  const watched: Watched = {
    notes: [],
    locks: { taken: 0, held: 0 },
    hide(now) {
      hidden = now;
      if (now) for (const release of held) release();
      document.dispatchEvent(new Event('visibilitychange'));
    },
  };
  const request = async () => {
    if (hidden) throw new DOMException('The page is hidden.', 'NotAllowedError');
    watched.locks.taken += 1;
    watched.locks.held += 1;
    const release = () => {
      if (held.delete(release)) watched.locks.held -= 1;
    };
    held.add(release);
    return { release: async () => release() };
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  class Note {
    static permission = permission;
    static async requestPermission() {
      return permission;
    }
    constructor(_: string, { body = '' }: NotificationOptions = {}) {
      watched.notes.push(body);
    }
  }
  Object.defineProperty(window, 'Notification', { value: Note });
  localStorage.setItem('tiebreak.notify', 'yes');
  Object.assign(window, { watched });
}

for (const permission of ['granted', 'denied'] as const) {
  const tag = permission === 'denied' ? ['@slow'] : [];
  test(`a run in a hidden tab goes on to its end; notifications are ${permission}`, {
    tag,
  }, async ({ app }) => {
    await app.addInitScript(hideable, permission);
    await app.reload();
    await modelReady(app);
    await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(40, 9)) });
    const locks = () => app.evaluate(() => window.watched.locks);
    await app.getByRole('button', { name: 'Start', exact: true }).click();
    await expect.poll(locks).toEqual({ taken: 1, held: 1 });
    // The browser releases the lock when the page is hidden; the page requests it again when it is visible.
    await app.evaluate(() => window.watched.hide(true));
    expect((await locks()).held).toBe(0);
    await app.evaluate(() => window.watched.hide(false));
    await expect.poll(locks).toEqual({ taken: 2, held: 1 });
    await app.evaluate(() => window.watched.hide(true));
    await expect(app).toHaveTitle(/^Done/, { timeout: 120_000 });
    await expect(app.getByText(/^40 rows scored in/).first()).toBeVisible();
    const notes = await app.evaluate(() => window.watched.notes);
    expect(notes).toHaveLength(permission === 'granted' ? 1 : 0);
    // After the run the screen may turn off.
    await app.evaluate(() => window.watched.hide(false));
    expect(await locks()).toEqual({ taken: 2, held: 0 });
  });
}
