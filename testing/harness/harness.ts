import { CsvFile } from '../../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import type { Device } from '../../src/engine/device/backend.ts';
import type { EngineInfo } from '../../src/engine/engine.ts';
import { createPackagesClient, type PackagesClient } from '../../src/packages/client.ts';
import { workerClient } from '../../src/rpc/client.ts';
import type { Client } from '../../src/rpc/methods.ts';
import { EngineLane } from '../../src/scoring/lanes/engine-lane.ts';
import type { ModelRequest } from '../../src/scoring/lanes/model-request.ts';
import type { ModelSource } from '../../src/scoring/lanes/model-source.ts';
import { openModelFiles } from '../../src/scoring/lanes/model-source.ts';
import { BatchQueue } from '../../src/scoring/rows/batches.ts';
import { RowIndex } from '../../src/scoring/rows/row-index.ts';
import { BlobSource } from '../../src/storage/byte-source.ts';
import { readAll } from '../../src/storage/package-files.ts';
import { workerPool } from '../../src/tokens/pool/worker-pool.ts';
import { errorOf } from '../errors.ts';
import { type FaultyRun, type Incident, scoreWithFaults } from './lanes.ts';
import type { StorageWorkerApi } from './storage.worker.ts';

/** The interface of the page for tests: the engine in its worker, without the screens. */
export interface Harness {
  /**
   * Computes the logits of token rows for each adapter in turn, from one load of the package. A string is the URL of a
   * package.
   */
  logits(
    model: string | ModelSource,
    device: Device,
    adapters: (string | null)[],
    rows: number[][],
  ): Promise<{ info: EngineInfo; logits: number[][] }>;
  /**
   * Scores rows in small batches, as a run does, on several lanes. The first worker has a fault (see faults.ts); `kill`
   * terminates it from outside, without notice, while it computes.
   */
  score(request: FaultyRun): Promise<{ logits: number[][]; incidents: Incident[]; error: string }>;
  /**
   * Times batches of token rows in an engine's worker, including messages. Returns milliseconds; the first value
   * includes compilation. Makes at least three batches, and enough for `atLeastMs` in total. For bench/wgsl/page.ts.
   */
  batchTimes(
    request: ModelRequest,
    adapters: string[],
    batches: number[][][],
    atLeastMs: number,
  ): Promise<{ info: EngineInfo; milliseconds: number[][] }>;
  /** Reads and tokenizes a whole CSV as a run does, without a model. Returns the numbers of rows and tokens. */
  tokenize(file: File, modelUrl: string): Promise<{ rows: number; tokens: number }>;
  /** The worker that imports and stores packages. */
  packages: PackagesClient;
  /** Keeps a stored package loaded until {@link Harness.letGo}. */
  hold(id: string): Promise<void>;
  letGo(): void;
  /** Starts a worker that writes into the origin private file system, after ending the previous one. */
  startStorage(): Client<StorageWorkerApi>;
}

let held: EngineLane | undefined;
let storage: Worker | undefined;

const harness: Harness = {
  async logits(model, device, adapters, rows) {
    const source: ModelSource =
      typeof model === 'string'
        ? { kind: 'url', url: new URL(model, document.baseURI).href }
        : model;
    const lane = await EngineLane.start({ source, device }, () => {});
    try {
      const logits: number[][] = [];
      for (const adapter of adapters) {
        await lane.setAdapters([adapter]);
        logits.push([...(await lane.logits(rows.map((row) => Int32Array.from(row))))]);
      }
      return { info: lane.info, logits };
    } finally {
      lane.close();
    }
  },

  async batchTimes(request, adapters, batches, atLeastMs) {
    const lane = await EngineLane.start(request, () => {});
    try {
      await lane.setAdapters(adapters);
      const milliseconds: number[][] = [];
      for (const batch of batches) {
        const rows = batch.map((row) => Int32Array.from(row));
        const times: number[] = [];
        const from = performance.now();
        while (times.length < 3 || performance.now() < from + atLeastMs) {
          const begun = performance.now();
          await lane.logits(rows);
          times.push(performance.now() - begun);
        }
        milliseconds.push(times);
      }
      return { info: lane.info, milliseconds };
    } finally {
      lane.close();
    }
  },

  score: scoreWithFaults,

  async tokenize(file, modelUrl) {
    const files = openModelFiles({ kind: 'url', url: new URL(modelUrl, document.baseURI).href });
    const [json, config] = await Promise.all([
      readAll(files, 'tokenizer.json'),
      readAll(files, 'tokenizer_config.json'),
    ]);
    const pool = await workerPool({ json, config }, 2);
    const settings = DEFAULT_SETTINGS;
    const csv = await CsvFile.open(new BlobSource(file.name, file));
    const index = await RowIndex.read(csv, { textMode: settings.textMode, tta: settings.tta });
    const limits = {
      maxTokens: 8192,
      padMultiple: 1,
      maxScoreBytes: Number.POSITIVE_INFINITY,
      scoreBytes: () => 1,
    };
    const queue = new BatchQueue({ index, pool, settings, limits });
    let tokens = 0;
    for (let batch = await queue.take(); batch !== null; batch = await queue.take()) {
      for (const text of batch.texts) tokens += text.ids.length;
    }
    pool.close();
    return { rows: index.length, tokens };
  },

  packages: createPackagesClient(),

  async hold(id) {
    held = await EngineLane.start(
      { source: { kind: 'stored', id, name: id }, device: 'wasm' },
      () => {},
    );
  },

  letGo() {
    held?.close();
  },

  startStorage() {
    storage?.terminate();
    const worker = new Worker(new URL('./storage.worker.ts', import.meta.url), { type: 'module' });
    storage = worker;
    return workerClient<StorageWorkerApi>(
      () => worker,
      (why) => errorOf('test/worker-died', `The storage worker died: ${why}.`),
    );
  },
};

Object.assign(window, { harness });
