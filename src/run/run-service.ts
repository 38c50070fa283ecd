import { TiebreakError, throwIfAborted } from '../core/errors.ts';
import type { RunSettings } from '../core/settings.ts';
import { CsvFile } from '../csv/reader.ts';
import { BlobSource } from '../storage/byte-source.ts';
import { type Outcome, outcome } from '../workers/remote.ts';
import type {
  LoadProgress,
  ModelInfo,
  ModelRequest,
  RowTexts,
  RunWorkerApi,
  StartRequest,
} from './api.ts';
import { EventBuffer } from './event-buffer.ts';
import type { CsvSummary, MissingRows, RunEvent, RunSummary } from './events.ts';
import { ModelSlot, type ModelStarters } from './model-slot.ts';
import { RowIndex } from './row-index.ts';
import { Run } from './run.ts';

/** What the page's worker does, apart from being a worker. */
export class RunService implements RunWorkerApi {
  private readonly model: ModelSlot;
  private csv: CsvFile | undefined;
  private index: RowIndex | undefined;
  private run: Run | undefined;
  /** The reading of a new file, while there is one. */
  private opening: AbortController | undefined;
  private abort = new AbortController();

  constructor(starters: ModelStarters) {
    this.model = new ModelSlot(starters);
  }

  loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Outcome<ModelInfo>> {
    return outcome(() => this.model.load(request, onProgress, this.abort.signal));
  }

  openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<Outcome<CsvSummary>> {
    return outcome(async () => {
      this.opening?.abort();
      const opening = new AbortController();
      this.opening = opening;
      const signal = AbortSignal.any([this.abort.signal, opening.signal]);
      try {
        const csv = await CsvFile.open(new BlobSource(file.name, file));
        const index = await readIndex(csv, settings, onEvents, signal);
        throwIfAborted(signal);
        this.csv = csv;
        this.index = index;
        this.run = undefined;
        return index.summary();
      } finally {
        if (this.opening === opening) this.opening = undefined;
      }
    });
  }

  start(
    { adapters, settings }: StartRequest,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<Outcome<RunSummary>> {
    return outcome(async () => {
      const { signal } = this.abort;
      if (this.csv === undefined) throw missing('file', 'Choose a CSV file first.');
      const { lane, pool } = await this.model.ready(signal);
      await lane.setAdapters(adapters);
      if (this.index?.textMode !== settings.textMode || this.index.tta !== settings.tta) {
        this.index = await readIndex(this.csv, settings, onEvents, signal);
      }
      const events = new EventBuffer(onEvents);
      this.run = new Run({
        index: this.index,
        lanes: [lane],
        pool,
        settings,
        signal,
        onResults: (event) => events.add(event),
        onProgress: (progress) => events.progress(progress),
      });
      try {
        return await this.run.score();
      } finally {
        events.flush();
      }
    });
  }

  async cancel(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
  }

  exportCsv(missingRows: MissingRows): Promise<Outcome<Blob>> {
    return outcome(() => {
      if (this.run === undefined) throw missing('result', 'Start a run first.');
      return new Blob(this.run.results.csv(missingRows), { type: 'text/csv' });
    });
  }

  readRow(row: number): Promise<Outcome<RowTexts>> {
    return outcome(async () => {
      const { index, opening } = this;
      // The page shows rows of the new file already; the index is still that of the one before.
      if (opening !== undefined) throw missing('row', 'Wait until the file is read.');
      if (index === undefined || row < 0 || row >= index.length) {
        throw missing('row', 'Choose a CSV file first.');
      }
      return index.texts(row);
    });
  }
}

async function readIndex(
  file: CsvFile,
  settings: RunSettings,
  onEvents: (events: RunEvent[]) => void,
  signal: AbortSignal,
): Promise<RowIndex> {
  const events = new EventBuffer(onEvents);
  let rows = 0;
  try {
    return await RowIndex.read(file, {
      textMode: settings.textMode,
      tta: settings.tta,
      signal,
      onRows: (event) => {
        rows = event.first + event.ids.length;
        events.add(event);
      },
      onBytes: (bytes) => events.reading({ bytes, totalBytes: file.source.size, rows }),
    });
  } finally {
    events.flush();
  }
}

function missing(what: string, action: string): TiebreakError {
  return new TiebreakError('run/not-ready', `There is no ${what} yet.`, { action });
}
