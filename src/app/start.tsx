// Sheets of shared parts come before those of the screens, which adapt some of these parts.
import './styles/tokens.css';
import './styles/base.css';
import './ui/controls/button.css';
import './ui/controls/field.css';
import './ui/controls/choice.css';
import './ui/feedback/meter.css';
import './ui/layout/card.css';
import './ui/files/drop.css';
import './ui/feedback/note.css';
import './ui/table/table.css';
import './ui/controls/dialog.css';
import './ui/text/text-part.css';
import './ui/layout/stored.css';
import './results/results.css';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { registerOffline } from '../offline/register.ts';
import { createPackagesClient } from '../packages/client.ts';
import { language } from './i18n/language.ts';
import { strings } from './i18n/strings.ts';
import { PackagesContext } from './models/state/context.ts';
import { PackageUse } from './models/state/package-use.ts';
import { packagesExpected } from './models/state/packages-hint.ts';
import { PackagesStore } from './models/state/packages-store.ts';
import { packagesChannel, watchPackages } from './models/state/packages-watch.ts';
import { StoreContext } from './page/context.ts';
import { browserRunFiles } from './page/run-files.ts';
import { isRunning } from './page/state.ts';
import { AppStore } from './page/store.ts';
import { RunsContext } from './runs/state/context.ts';
import { RunsStore } from './runs/state/runs-store.ts';
import { watchRuns } from './score/run/watch.ts';
import { App } from './shell/App.tsx';
import { chosenTheme, showTheme } from './shell/theme.ts';
import type { RunClient } from './state/client.ts';
import { ClientContext } from './state/context.ts';
import { browserStorage } from './ui/files/page-storage.ts';
import { prefetchParts } from './ui/lazy/lazy-part.ts';

/** Builds the stores of the page and shows it. `client` talks to the worker that scores. */
export function startApp(client: RunClient): void {
  document.documentElement.lang = language;
  // The HTML file has the English title.
  if (language !== 'en') document.title = strings.title;
  document.querySelector('meta[name=description]')?.setAttribute('content', strings.description);

  const storage = browserStorage();
  showTheme(chosenTheme(storage));
  const persist = async () => navigator.storage?.persist?.();
  const embedded = new URL('models/demo/', document.baseURI).href;
  const store = new AppStore({
    client,
    storage,
    remember: (id, origin) => void browserRunFiles.remember(id, origin),
    embedded: { kind: 'url', url: embedded },
    persist,
  });
  // By then most files that the service worker stores have arrived, so it does not delay the model.
  void store.model.openLast().finally(registerOffline).finally(prefetchParts);

  const runs = new RunsStore({
    client,
    app: store,
    files: browserRunFiles,
    estimate: async () => {
      const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
      return usage === undefined || quota === undefined ? null : { usage, quota };
    },
  });
  void runs.list.refresh();
  watchRuns(store, storage);
  // Shows the changes of another tab to saved runs when the user returns to this one.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && !isRunning(store.getState()))
      void runs.list.refresh();
  });

  const use = new PackageUse(navigator.locks);
  store.subscribe(() => {
    const { model } = store.getState();
    use.note(model.status === 'asking' ? null : store.model.storedId);
  });
  const channel = packagesChannel();
  const packages = new PackagesStore({
    client: createPackagesClient(undefined, embedded),
    storage,
    load(source) {
      if (isRunning(store.getState())) return false;
      void store.model.load(source);
      return true;
    },
    async release(id) {
      await use.checkElsewhere(id);
      if (store.model.storedId === id) await store.model.load(store.model.embedded);
    },
    persist,
    announce: () => channel?.postMessage('changed'),
  });
  watchPackages(packages, channel);
  if (packagesExpected(storage)) void packages.list.refresh();

  window.addEventListener('beforeunload', (event) => {
    if (isRunning(store.getState()) || packages.getState().job !== null) event.preventDefault();
  });

  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <I18nProvider locale={language}>
        <StoreContext value={store}>
          <PackagesContext value={packages}>
            <RunsContext value={runs}>
              <ClientContext value={client}>
                <App />
              </ClientContext>
            </RunsContext>
          </PackagesContext>
        </StoreContext>
      </I18nProvider>
    </StrictMode>,
  );
}
