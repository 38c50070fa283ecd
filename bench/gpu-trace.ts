/** An interval of time, in milliseconds. */
export interface Interval {
  from: number;
  to: number;
}

const PASSES = 2048; // two timestamps each; a query set has at most 4,096

/** Records the busy times of a device by timestamps around every compute pass. Copies between passes count as idle. */
export class GpuTrace {
  private readonly device: GPUDevice;
  private readonly sets: { queries: GPUQuerySet; used: number }[] = [];
  /** Time of the first recorded pass, on the clock of `performance.now()`. */
  private firstAt: number | null = null;

  /** Times every later pass of the device, whoever records it. Needs the feature `timestamp-query`. */
  constructor(device: GPUDevice) {
    this.device = device;
    const create = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = create(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => begin({ ...pass, timestampWrites: this.next() });
      return encoder;
    };
  }

  /** Drops the recorded passes. No work may be in flight on the device. */
  reset(): void {
    for (const { queries } of this.sets.splice(0)) queries.destroy();
    this.firstAt = null;
  }

  /** The passes so far, in order, after waiting for the device; on the clock of `performance.now()`, approximately. */
  async passes(): Promise<Interval[]> {
    const stamps: bigint[] = [];
    for (const { queries, used } of this.sets) {
      const count = 2 * used;
      const bytes = count * 8;
      const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
      const resolved = this.device.createBuffer({ size: bytes, usage: QUERY_RESOLVE | COPY_SRC });
      const copy = this.device.createBuffer({ size: bytes, usage: COPY_DST | MAP_READ });
      const encoder = this.device.createCommandEncoder();
      encoder.resolveQuerySet(queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, copy, 0, bytes);
      this.device.queue.submit([encoder.finish()]);
      await copy.mapAsync(GPUMapMode.READ);
      stamps.push(...new BigUint64Array(copy.getMappedRange().slice(0)));
      resolved.destroy();
      copy.destroy();
    }
    const [first = 0n] = stamps;
    const at = (stamp: bigint) => (this.firstAt ?? 0) + Number(stamp - first) / 1e6;
    return Array.from({ length: stamps.length / 2 }, (_, i) => ({
      from: at(stamps[2 * i]!),
      to: at(stamps[2 * i + 1]!),
    }));
  }

  private next(): GPUComputePassTimestampWrites {
    this.firstAt ??= performance.now();
    let last = this.sets.at(-1);
    if (last === undefined || last.used === PASSES) {
      last = {
        queries: this.device.createQuerySet({ type: 'timestamp', count: 2 * PASSES }),
        used: 0,
      };
      this.sets.push(last);
    }
    const index = 2 * last.used;
    last.used += 1;
    return {
      querySet: last.queries,
      beginningOfPassWriteIndex: index,
      endOfPassWriteIndex: index + 1,
    };
  }
}

/** The gaps between intervals, from the first to the last. */
export function idleOf(intervals: readonly Interval[]) {
  const sorted = [...intervals].sort((a, b) => a.from - b.from);
  const [first] = sorted;
  if (first === undefined) throw new Error('there is no pass');
  let busy = 0;
  let longestGap = 0;
  let until = first.from;
  for (const { from, to } of sorted) {
    longestGap = Math.max(longestGap, from - until);
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  const milliseconds = until - first.from;
  return { milliseconds, busy, idleShare: 1 - busy / milliseconds, longestGap };
}

/** Writes named intervals as the JSON that `chrome://tracing` and Perfetto read. */
export function chromeTrace(rows: Record<string, readonly Interval[]>): string {
  const traceEvents = Object.entries(rows).flatMap(([name, intervals], row) => [
    { name: 'thread_name', ph: 'M', pid: 1, tid: row + 1, args: { name } },
    ...intervals.map(({ from, to }) => {
      const [ts, dur] = [Math.round(1000 * from), Math.round(1000 * (to - from))];
      return { name, ph: 'X', pid: 1, tid: row + 1, ts, dur };
    }),
  ]);
  return JSON.stringify({ traceEvents });
}
