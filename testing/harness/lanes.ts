import { asTiebreakError, type TiebreakError } from '../../src/domain/errors.ts';
import type { ExecutorKind } from '../../src/engine/executor/variants.ts';
import { EngineLane } from '../../src/scoring/lanes/engine-lane.ts';
import type { Incident } from '../../src/scoring/lanes/lane-events.ts';
import { LaneWorker } from '../../src/scoring/lanes/lane-worker.ts';
import { SplitLane, type StartPart } from '../../src/scoring/lanes/split-lane.ts';
import type { Batch } from '../../src/scoring/rows/batches.ts';
import { WorkQueue } from '../../src/scoring/rows/work-queue.ts';
import { oneGpuTwice } from '../two-gpus.ts';

export type { Incident };

/** A run with a fault in one worker. */
export interface FaultyRun {
  model: string;
  rows: number[][];
  rowsInBatch: number;
  lanes: number;
  /** Splits the layers over two devices, which form one lane; the first or the second has the fault. */
  split?: 'first' | 'second';
  fault: string;
  /** By default our own kernels. */
  executor?: ExecutorKind;
  /** Number of finished batches after which the first worker is killed. */
  killAfter?: number;
  /** Number of finished batches after which the clock jumps by an hour. */
  jumpAfter?: number;
}

/** Recovery without its usual waits. A batch of a tiny model takes a second or two on a busy test machine. */
const RECOVERY = { hangMs: 30_000, rebuildWaits: [0, 200] };

/** Scores rows, as a run does, on lanes of which the first has a fault. */
export async function scoreWithFaults(request: FaultyRun) {
  const { model, rows, rowsInBatch, fault, executor = 'wgsl', killAfter, jumpAfter } = request;
  const faulty = request.split === 'second' ? 1 : 0;
  const url = new URL(model, document.baseURI).href;
  const workers: Worker[] = [];
  const createWorker = () => {
    const worker = new Worker(new URL('./faulty-engine.worker.ts', import.meta.url), {
      type: 'module',
    });
    if (workers.length === faulty) worker.postMessage({ fault });
    workers.push(worker);
    return worker;
  };
  // float32 on any device, since the reference results are exact.
  const precision = 'float32';
  const asked = { source: { kind: 'url', url }, device: 'webgpu', executor, precision } as const;
  const lanes: (EngineLane | SplitLane)[] = [];
  if (request.split !== undefined) {
    const startPart: StartPart = (part, onProgress, signal) =>
      EngineLane.start(part, onProgress, signal, createWorker);
    const [one, other] = await oneGpuTwice(navigator.gpu);
    // Two rows of the tiny model are a part, so that the devices work at the same time.
    const resident = [undefined, undefined] as const;
    const split = { gpus: [one!, other!], at: 1, layers: 4, partTokens: 40, resident } as const;
    lanes.push(await SplitLane.start(asked, split, () => {}, undefined, startPart));
  }
  while (lanes.length < request.lanes) {
    lanes.push(await EngineLane.start(asked, () => {}, undefined, createWorker));
  }
  const batches = batchesOf(rows, rowsInBatch);
  const queue = new WorkQueue(async () => batches.shift() ?? null);
  const logits: number[][] = [];
  const incidents: Incident[] = [];
  let done = 0;
  const stop = new AbortController();
  let failure: TiebreakError | undefined;
  const onBatch = ({ sequences }: Batch, values: Float32Array) => {
    for (const [i, sequence] of sequences.entries()) {
      logits[sequence] = [...values.subarray(3 * i, 3 * i + 3)];
    }
    done += 1;
    // Terminated without telling the lane.
    if (done === killAfter) workers[0]!.terminate();
    if (done === jumpAfter) jumpClock(3_600_000);
  };
  const serve = async (lane: EngineLane | SplitLane, i: number) => {
    const worker = new LaneWorker({
      lane,
      number: i + 1,
      queue,
      signal: stop.signal,
      onBatch,
      onIncident: (incident) => incidents.push(incident),
      recovery: RECOVERY,
    });
    try {
      return await worker.run();
    } catch (thrown) {
      failure ??= asTiebreakError(thrown);
      stop.abort();
      return null;
    }
  };
  const ended = await Promise.all(lanes.map(serve));
  if (!queue.finished) failure ??= ended.findLast((error) => error !== null) ?? undefined;
  for (const lane of lanes) lane.close();
  return { logits, incidents, error: failure?.code ?? '' };
}

function batchesOf(rows: number[][], size: number): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const sequences = rows.slice(start, start + size).map((_, i) => start + i);
    const texts = sequences.map((s) => ({
      ids: Int32Array.from(rows[s]!),
      length: rows[s]!.length,
      truncated: false,
      cut: { prompt: 0, responseA: 0, responseB: 0, turns: 0 },
    }));
    batches.push({ sequences, texts });
  }
  return batches;
}

/** Moves both clocks of this page forward, as a sleep of the machine does. */
function jumpClock(ms: number): void {
  const [now, date] = [performance.now.bind(performance), Date.now];
  performance.now = () => now() + ms;
  Date.now = () => date() + ms;
}
