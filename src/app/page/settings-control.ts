import { DEFAULT_SETTINGS, type RunSettings } from '../../domain/settings.ts';
import type { Writable } from '../state/store.ts';
import type { PageStorage } from '../ui/files/page-storage.ts';
import type { FileOpener } from './file-opener.ts';
import type { ModelLoader } from './model-loader.ts';
import { writeSettings } from './settings-storage.ts';
import { type AppState, isRunning } from './state.ts';

/** The settings of the next run. During a run they cannot be changed: calls do nothing. */
export class SettingsControl {
  private readonly app: Writable<AppState, 'settings'>;
  private readonly storage: PageStorage | null;
  private readonly model: Pick<ModelLoader, 'plan'>;
  private readonly file: Pick<FileOpener, 'readAgain'>;

  /** @param model planned again for another max_length. @param file read again in another text mode. */
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
   * Changes settings. For another text mode the file is read again: at once or, if that would discard results, at the
   * next start.
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

  /** Resets the settings to those of the notebook. */
  reset(): void {
    this.set(DEFAULT_SETTINGS);
  }
}
