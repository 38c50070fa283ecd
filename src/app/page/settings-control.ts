import { DEFAULT_SETTINGS, type RunSettings } from '../../domain/settings.ts';
import type { Writable } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import type { FileOpener } from './file-opener.ts';
import type { ModelLoader } from './model-loader.ts';
import { writeSettings } from './settings-storage.ts';
import { type AppState, isRunning } from './state.ts';

/** The settings of the next run. They change nothing while a run goes on. */
export class SettingsControl {
  private readonly app: Writable<AppState, 'settings'>;
  private readonly storage: PageStorage | null;
  private readonly model: Pick<ModelLoader, 'plan'>;
  private readonly file: Pick<FileOpener, 'readAgain'>;

  /** @param model plans anew for another max_length. @param file is read anew in another text mode. */
  constructor(
    app: Writable<AppState, 'settings'>,
    storage: PageStorage | null,
    model: Pick<ModelLoader, 'plan'>,
    file: Pick<FileOpener, 'readAgain'>,
  ) {
    this.app = app;
    this.storage = storage;
    this.model = model;
    this.file = file;
  }

  /**
   * Changes settings. Another text mode reads the file again, at once or, where that would cost results, at the start.
   */
  set(change: Partial<RunSettings>): void {
    const state = this.app.getState();
    if (isRunning(state)) return;
    const settings = { ...state.settings, ...change };
    this.app.set({ settings });
    writeSettings(this.storage, settings);
    if (change.maxLength !== undefined) void this.model.plan();
    if (state.results === null) void this.file.readAgain();
  }

  /** Back to what the notebook does. */
  reset(): void {
    this.set(DEFAULT_SETTINGS);
  }
}
