import { expose } from 'comlink';
import { aborted, TiebreakError } from '../core/errors.ts';
import type { RunSettings } from '../core/settings.ts';
import { CsvFile } from '../csv/reader.ts';
import { BlobSource } from '../storage/byte-source.ts';
import { readAll } from '../storage/package-files.ts';
import { type TokenizerPool, workerPool } from '../tokens/pool.ts';
import { outcome } from '../workers/remote.ts';
import type { LoadProgress, ModelInfo, ModelRequest, RunWorkerApi } from './api.ts';
import { EngineLane } from './engine-lane.ts';
import { EventBuffer } from './event-buffer.ts';
import type { RunEvent } from './events.ts';
import { openModelFiles } from './model-files.ts';
import { RowIndex } from './row-index.ts';
import { Run } from './run.ts';

/** Tokenizing is many times faster than any model here; more workers would only take memory. */
const MAX_TOKENIZERS = 4;

interface Loaded {
  request: ModelRequest;
  lane: EngineLane;
  pool: TokenizerPool;
}

let loaded: Loaded | undefined;
let csv: CsvFile | undefined;
let index: RowIndex | undefined;
let run: Run | undefined;
let abort = new AbortController();

const api: RunWorkerApi = {
  loadModel: (request, onProgress) =>
    outcome(async () => {
      const { signal } = abort;
      unload();
      const [lane, pool] = await startAll(request, onProgress, signal);
      loaded = { request, lane, pool };
      return modelInfo(loaded);
    }),

  openCsv: (file, settings, onEvents) =>
    outcome(async () => {
      run = undefined;
      index = undefined;
      csv = await CsvFile.open(new BlobSource(file.name, file));
      index = await readIndex(csv, settings, onEvents);
      return index.summary();
    }),

  start: ({ adapter, settings }, onEvents) =>
    outcome(async () => {
      const { signal } = abort;
      if (csv === undefined) throw missing('file', 'Choose a CSV file first.');
      const { lane, pool } = await ready(signal);
      await lane.setAdapter(adapter);
      if (index?.textMode !== settings.textMode || index.tta !== settings.tta) {
        index = await readIndex(csv, settings, onEvents);
      }
      const events = new EventBuffer(onEvents);
      run = new Run({
        index,
        lanes: [lane],
        pool,
        settings,
        signal,
        onResults: (event) => events.add(event),
        onProgress: (progress) => events.progress(progress),
      });
      try {
        return await run.score();
      } finally {
        events.flush();
      }
    }),

  async cancel() {
    abort.abort();
    abort = new AbortController();
  },

  exportCsv: (missingRows) =>
    outcome(() => {
      if (run === undefined) throw missing('result', 'Start a run first.');
      return new Blob(run.results.csv(missingRows), { type: 'text/csv' });
    }),

  readRow: (row) =>
    outcome(async () => {
      if (index === undefined || row < 0 || row >= index.length) {
        throw missing('row', 'Choose a CSV file first.');
      }
      return { id: index.ids[row]!, ...(await index.pair(row)) };
    }),
};

/** Model and tokenizer load at the same time; when one fails, the other is ended. */
async function startAll(
  request: ModelRequest,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): Promise<[EngineLane, TokenizerPool]> {
  const laneStarting = EngineLane.start(request, onProgress, signal);
  const poolStarting = startTokenizers(request).then((pool) => {
    onProgress({ step: 'tokenizer', fraction: 1 });
    return pool;
  });
  const [lane, pool] = await Promise.allSettled([laneStarting, poolStarting]);
  if (lane.status === 'fulfilled' && pool.status === 'fulfilled' && !signal.aborted) {
    return [lane.value, pool.value];
  }
  if (lane.status === 'fulfilled') lane.value.close();
  if (pool.status === 'fulfilled') pool.value.close();
  throw lane.status === 'rejected'
    ? lane.reason
    : pool.status === 'rejected'
      ? pool.reason
      : aborted();
}

async function startTokenizers({ source }: ModelRequest): Promise<TokenizerPool> {
  const files = openModelFiles(source);
  const [json, config] = await Promise.all([
    readAll(files, 'tokenizer.json'),
    readAll(files, 'tokenizer_config.json'),
  ]);
  const size = Math.max(1, Math.min(MAX_TOKENIZERS, navigator.hardwareConcurrency - 1));
  return workerPool(json, config, size);
}

/** The loaded model; loads it again when its worker had to be ended. */
async function ready(signal: AbortSignal): Promise<Loaded> {
  if (loaded === undefined) throw missing('model', 'Choose a model first.');
  if (loaded.lane.dead) {
    loaded.lane = await EngineLane.start(loaded.request, () => {}, signal);
  }
  return loaded;
}

async function readIndex(
  file: CsvFile,
  settings: RunSettings,
  onEvents: (events: RunEvent[]) => void,
): Promise<RowIndex> {
  const events = new EventBuffer(onEvents);
  const { signal } = abort;
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

function modelInfo({ lane, pool }: Loaded): ModelInfo {
  return { ...lane.model, engine: lane.info, tokenizerWorkers: pool.size };
}

function unload(): void {
  loaded?.lane.close();
  loaded?.pool.close();
  loaded = undefined;
}

function missing(what: string, action: string): TiebreakError {
  return new TiebreakError('run/not-ready', `There is no ${what} yet.`, { action });
}

expose(api);
