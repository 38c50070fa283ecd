import { LazyPart } from '../ui/lazy/lazy-part.ts';
import type { Screen } from '../ui/navigation/screens.ts';

/** The screens with scripts of their own: charts and the like must not load before the model. */
export const LAZY_SCREENS: Record<Exclude<Screen, 'score'>, LazyPart> = {
  report: new LazyPart(() => import('../report/ReportScreen.tsx')),
  explore: new LazyPart(() => import('../explorer/ExplorerScreen.tsx')),
};
