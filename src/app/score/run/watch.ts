import type { Progress } from '../../../scoring/events.ts';
import { strings } from '../../i18n/strings.ts';
import { type AppState, isRunning } from '../../page/state.ts';
import type { Readable } from '../../state/store.ts';
import type { PageStorage } from '../../ui/files/page-storage.ts';

const words = strings.run;
const KEY = 'tiebreak.notify';

/** True if the user wants a notification at the end of a run. */
export function wantsNotification(storage: PageStorage | null): boolean {
  try {
    return storage?.getItem(KEY) === 'yes' && canNotify() === 'granted';
  } catch {
    return false;
  }
}

/** Returns the browser's permission for notifications; `unsupported` if it has none. */
export function canNotify(): NotificationPermission | 'unsupported' {
  return globalThis.Notification?.permission ?? 'unsupported';
}

/** Switches notifications on or off; asks the browser first. Needs a click. @returns true if they are on. */
export async function setNotification(
  storage: PageStorage | null,
  wanted: boolean,
): Promise<boolean> {
  const isOn = wanted && (await globalThis.Notification?.requestPermission?.()) === 'granted';
  try {
    storage?.setItem(KEY, isOn ? 'yes' : 'no');
  } catch {
    // The choice then lasts only for this page.
  }
  return isOn;
}

/** Keeps the computer awake during runs, shows their progress in the title, and notifies the user at the end. */
export function watchRuns(store: Readable<AppState>, storage: PageStorage | null): void {
  const awake = new Awake();
  const plain = document.title;
  let previous = store.getState().run;
  store.subscribe(() => {
    const state = store.getState();
    if (state.run === previous) return;
    const was = previous;
    previous = state.run;
    awake.want(isRunning(state) && !isResting(state));
    const title = titleText(state);
    document.title = title === null ? plain : `${title} – ${plain}`;
    const text = notificationText(state, was);
    if (text === null || document.visibilityState === 'visible') return;
    if (wantsNotification(storage)) notify(strings.name, text);
  });
  document.addEventListener('visibilitychange', () => awake.renew());
}

/** The page's title during a run; null without one. */
export function titleText(state: Pick<AppState, 'run'>): string | null {
  const { run } = state;
  if (run.status === 'ended' && run.outcome === 'complete') return words.titleDone;
  if (run.status !== 'running') return null;
  return words.title(percentOf(run.progress), isResting(state) ? 'paused' : 'running');
}

/** The text of a notification for a run that was in state `was`; null for none. */
export function notificationText(
  { run, results }: Pick<AppState, 'run' | 'results'>,
  was: AppState['run'],
): string | null {
  if (was.status !== 'running' && was.status !== 'cancelling') return null;
  if (run.status === 'failed') return words.notification.failed;
  if (run.status === 'ended' && run.outcome === 'complete') {
    return words.notification.complete(results?.summary?.scoredRows ?? 0);
  }
  const stopped = run.status === 'running' && run.rest.status === 'resting' && run.rest.error;
  return stopped && was.rest.status !== 'resting' ? words.notification.stopped : null;
}

function isResting({ run }: Pick<AppState, 'run'>): boolean {
  return run.status === 'running' && run.rest.status === 'resting';
}

/** The finished part of a run's tokens, in whole percent. */
export function percentOf(progress: Progress | null): number {
  if (progress === null || progress.tokensTotal === 0) return 0;
  return Math.floor(Math.min(1, progress.tokensDone / progress.tokensTotal) * 100);
}

function notify(title: string, body: string): void {
  try {
    const shown = new Notification(title, { body, tag: 'tiebreak-run' });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Chrome on Android has the constructor, but it throws.
  }
}

/** A lock that keeps the screen on. Browsers release it when the page is hidden, so it is requested again. */
class Awake {
  private wanted = false;
  private lock: Promise<WakeLockSentinel | null> | null = null;

  want(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) this.renew();
    else void this.let();
  }

  renew(): void {
    if (!this.wanted || document.visibilityState !== 'visible') return;
    const previous = this.lock;
    // A refusal (low battery, policy) is no error: the run continues as long as the computer stays awake.
    this.lock = Promise.resolve(previous)
      .then((held) => held?.release())
      .then(() => navigator.wakeLock?.request('screen') ?? null)
      .catch(() => null);
  }

  private async let(): Promise<void> {
    const held = this.lock;
    this.lock = null;
    await (await held)?.release().catch(() => undefined);
  }
}
