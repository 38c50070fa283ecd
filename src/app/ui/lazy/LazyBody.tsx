import { type ReactNode, Suspense, useState } from 'react';
import { strings } from '../../i18n/strings.ts';
import type { LazyPart } from './lazy-part.ts';
import { PartBoundary } from './PartBoundary.tsx';

/** Shows a part of the page once its script has loaded, or an error in its place. */
export function LazyBody<P extends object>(given: {
  part: LazyPart<P>;
  props: P;
  /** Shown until then. Default: a line that says it is loading. */
  fallback?: ReactNode;
  /** True if the part is a whole screen. Default false. */
  isScreen?: boolean;
}) {
  const { part, props, isScreen } = given;
  const { fallback = <p className="help">{strings.screens.loading}</p> } = given;
  const [Part, setPart] = useState(() => part.component);
  return (
    <PartBoundary isScreen={isScreen} onRetry={() => setPart(() => part.renewed())}>
      <Suspense fallback={fallback}>
        <Part {...props} />
      </Suspense>
    </PartBoundary>
  );
}
