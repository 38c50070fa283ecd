import { lazy, Suspense } from 'react';
import { Tab, TabList, TabPanel, TabPanels, Tabs } from 'react-aria-components';
import { SCREENS, type Screen, showScreen, useScreen } from '../screens.ts';
import { strings } from '../strings.ts';
import { ScoreScreen } from './ScoreScreen.tsx';

// Charts and the like are not loaded before they are looked at.
const PARTS = {
  score: ScoreScreen,
  report: lazy(() => import('../report/ReportScreen.tsx')),
  explore: lazy(() => import('../explorer/ExplorerScreen.tsx')),
};

/** The screens as tabs. The address names the one that is shown. */
export function Screens() {
  const screen = useScreen();
  return (
    <Tabs selectedKey={screen} onSelectionChange={(key) => showScreen(key as Screen)}>
      <TabList className="screens" aria-label={strings.screens.label}>
        {SCREENS.map((id) => (
          <Tab key={id} id={id} className="screen-tab">
            {strings.screens[id]}
          </Tab>
        ))}
      </TabList>
      <TabPanels>
        {SCREENS.map((id) => {
          const Part = PARTS[id];
          return (
            <TabPanel key={id} id={id} className="screen">
              <Suspense fallback={<p className="help">{strings.screens.loading}</p>}>
                <Part />
              </Suspense>
            </TabPanel>
          );
        })}
      </TabPanels>
    </Tabs>
  );
}
