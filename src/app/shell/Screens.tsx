import { type KeyboardEvent, useRef } from 'react';
import { strings } from '../i18n/strings.ts';
import { RunElsewhere } from '../score/run/RunElsewhere.tsx';
import { ScoreScreen } from '../score/ScoreScreen.tsx';
import { LazyBody } from '../ui/lazy/LazyBody.tsx';
import { PartBoundary } from '../ui/lazy/PartBoundary.tsx';
import { SCREENS, type Screen, showScreen, useScreen } from '../ui/navigation/screens.ts';
import { RunAnnouncer } from './RunAnnouncer.tsx';
import { LAZY_SCREENS } from './screen-parts.ts';
import { useKeptScroll } from './use-kept-scroll.ts';

const tabId = (screen: Screen) => `tab-${screen}`;
const PANEL = 'screen';

/**
 * The screens as tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/). The address names the visible one.
 *
 * These are not React Aria's tabs: its panel checks after every change inside it for a focusable element, which lays
 * out the whole screen; in the report that happens at every step of scrolling.
 */
export function Screens() {
  const screen = useScreen();
  const list = useRef<HTMLDivElement>(null);
  useKeptScroll(screen);

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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the panel itself takes the focus
        tabIndex={0}
      >
        {screen !== 'score' && <RunElsewhere />}
        {screen === 'score' ? (
          <PartBoundary isScreen>
            <ScoreScreen />
          </PartBoundary>
        ) : (
          <LazyBody part={LAZY_SCREENS[screen]} props={{}} isScreen />
        )}
      </div>
      <RunAnnouncer />
    </>
  );
}
