import './styles/base.css';
import './styles/controls.css';
import './styles/cards.css';
import './styles/results.css';
import './styles/table.css';
import './styles/dialog.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from './client.ts';
import { App } from './components/App.tsx';
import { StoreContext } from './context.ts';
import { browserStorage } from './settings-storage.ts';
import { isRunning } from './state.ts';
import { AppStore } from './store.ts';

const store = new AppStore({
  client: createClient(),
  storage: browserStorage(),
  embedded: { kind: 'url', url: new URL('models/demo/', document.baseURI).href },
});
void store.loadModel();

// A file that misses its target would otherwise replace the page, and a run with it.
for (const type of ['dragover', 'drop'] as const) {
  window.addEventListener(type, (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
  });
}

window.addEventListener('beforeunload', (event) => {
  if (isRunning(store.getState())) event.preventDefault();
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <StoreContext value={store}>
      <App />
    </StoreContext>
  </StrictMode>,
);
