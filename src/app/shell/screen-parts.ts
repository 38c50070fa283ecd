import { type ComponentType, lazy } from 'react';
import { ScoreScreen } from '../score/ScoreScreen.tsx';
import type { Screen } from '../ui/navigation/screens.ts';

type Part = ComponentType;
type LazyScreen = Exclude<Screen, 'score'>;

/** The script of a screen, or one that it needs, did not arrive. */
export class ScreenMissingError extends Error {
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = 'ScreenMissingError';
  }
}

// Charts and the like are not loaded before the model is.
const LOADERS: Record<LazyScreen, () => Promise<{ default: Part }>> = {
  report: () => import('../report/ReportScreen.tsx'),
  explore: () => import('../explorer/ExplorerScreen.tsx'),
};

const parts: Record<Screen, Part> = {
  score: ScoreScreen,
  report: lazy(() => load('report')),
  explore: lazy(() => load('explore')),
};

/** The component of a screen. It throws {@link ScreenMissingError} where its script does not arrive. */
export function partOf(screen: Screen): Part {
  return parts[screen];
}

/** Lets a screen whose script did not arrive be asked for again: React and Vite remember failures. */
export function renewPart(screen: Screen): void {
  if (screen === 'score') return;
  parts[screen] = lazy(() => renewStyles().then(() => load(screen)));
}

/** Loads the scripts of all screens, so that they are there when the connection no longer is. */
export function prefetchScreens(): void {
  // What fails now is asked for again when it is needed.
  for (const loader of Object.values(LOADERS)) void loader().catch(() => undefined);
}

function load(screen: LazyScreen): Promise<{ default: Part }> {
  return LOADERS[screen]().catch((cause) => {
    throw new ScreenMissingError(cause);
  });
}

/** Asks again for style sheets that did not arrive. A copy of each: someone may still wait for the first. */
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
