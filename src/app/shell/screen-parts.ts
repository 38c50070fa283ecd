import { type ComponentType, lazy } from 'react';
import { ScoreScreen } from '../score/ScoreScreen.tsx';
import type { Screen } from '../ui/navigation/screens.ts';

type Part = ComponentType;
type LazyScreen = Exclude<Screen, 'score'>;

/** Thrown if the script of a screen, or one that it imports, did not load. */
export class ScreenMissingError extends Error {
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = 'ScreenMissingError';
  }
}

// Charts and the like must not load before the model.
const LOADERS: Record<LazyScreen, () => Promise<{ default: Part }>> = {
  report: () => import('../report/ReportScreen.tsx'),
  explore: () => import('../explorer/ExplorerScreen.tsx'),
};

const parts: Record<Screen, Part> = {
  score: ScoreScreen,
  report: lazy(() => load('report')),
  explore: lazy(() => load('explore')),
};

/** Returns the component of a screen. It throws {@link ScreenMissingError} if its script does not load. */
export function partOf(screen: Screen): Part {
  return parts[screen];
}

/** Makes a screen load again after a failure, which React and Vite would remember. */
export function renewPart(screen: Screen): void {
  if (screen === 'score') return;
  parts[screen] = lazy(() => renewStyles().then(() => load(screen)));
}

/** Loads the scripts of all screens, so that they are available offline later. */
export function prefetchScreens(): void {
  // A script that fails now is requested again when it is needed.
  for (const loader of Object.values(LOADERS)) void loader().catch(() => undefined);
}

function load(screen: LazyScreen): Promise<{ default: Part }> {
  return LOADERS[screen]().catch((cause) => {
    throw new ScreenMissingError(cause);
  });
}

/** Requests failed style sheets again, each by a copy of its element, since other code may still wait for the first. */
async function renewStyles(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]');
  const missing = Array.from(links).filter(({ sheet }) => sheet === null);
  await Promise.all(
    missing.map((link) => {
      const again = link.cloneNode() as HTMLLinkElement;
      const arrived = new Promise((resolve, reject) => {
        again.onload = resolve;
        again.onerror = () => reject(new ScreenMissingError(new Error(link.href)));
      });
      link.after(again);
      return arrived;
    }),
  );
}
