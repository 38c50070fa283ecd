import { type KeyboardEvent, lazy, Suspense, useRef } from 'react';
import { SCREENS, type Screen, showScreen, useScreen } from '../screens.ts';
import { strings } from '../strings.ts';
import { ScoreScreen } from './ScoreScreen.tsx';

// Charts and the like are not loaded before they are looked at.
const PARTS = {
  score: ScoreScreen,
  report: lazy(() => import('../report/ReportScreen.tsx')),
  explore: lazy(() => import('../explorer/ExplorerScreen.tsx')),
};

const tabId = (screen: Screen) => `tab-${screen}`;
const PANEL = 'screen';

/**
 * The screens as tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/). The address names the one that is shown.
 *
 * Not those of React Aria: their panel asks after every change inside it whether something in it can have the focus, which
 * computes the layout of the whole screen, in the report at every step of scrolling.
 */
export function Screens() {
  const screen = useScreen();
  const list = useRef<HTMLDivElement>(null);
  const Part = PARTS[screen];

  function onKeyDown(event: KeyboardEvent) {
    const place = SCREENS.indexOf(screen);
    const last = SCREENS.length - 1;
    const places: Record<string, number> = {
      ArrowRight: place === last ? 0 : place + 1,
      ArrowLeft: place === 0 ? last : place - 1,
      Home: 0,
      End: last,
    };
    const next = SCREENS[places[event.key] ?? -1];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    showScreen(next);
    list.current?.querySelector<HTMLElement>(`#${tabId(next)}`)?.focus();
  }

  return (
    <>
      <div
        className="screens"
        role="tablist"
        aria-label={strings.screens.label}
        ref={list}
        onKeyDown={onKeyDown}
      >
        {SCREENS.map((id) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={tabId(id)}
            className="screen-tab"
            aria-selected={id === screen}
            aria-controls={id === screen ? PANEL : undefined}
            tabIndex={id === screen ? 0 : -1}
            onClick={() => showScreen(id)}
          >
            {strings.screens[id]}
          </button>
        ))}
      </div>
      <div
        key={screen}
        id={PANEL}
        className="screen"
        role="tabpanel"
        aria-labelledby={tabId(screen)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: every screen begins with text, so the panel itself takes the focus
        tabIndex={0}
      >
        <Suspense fallback={<p className="help">{strings.screens.loading}</p>}>
          <Part />
        </Suspense>
      </div>
    </>
  );
}
