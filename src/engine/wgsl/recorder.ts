import type { GpuLimits } from '../device/gpus.ts';
import { ReadBuffers } from './buffers.ts';
import { gridOf, type Kernel, Pipelines } from './kernels/kernel.ts';

/** A buffer, or a part of one. */
export type Binding = GPUBuffer | { buffer: GPUBuffer; offset: number; size: number };

// Milliseconds that a submission should take at most, so that no system considers the device hung and a cancelled run
// ends soon.
const SUBMISSION_MS = 200;
// Milliseconds of the first submission to an idle device. Each further one may be as large as all before it together:
// recording is faster than computing, so the device never waits.
const FIRST_MS = 4;
// Largest number of submissions in flight: the device always has the next one before it finishes the current one.
const IN_FLIGHT = 3;
// Operations per millisecond, until a submission has been timed; low enough for an integrated GPU.
const FIRST_RATE = 2e8;
const PARAMETERS = 4;
// Parameters of all kernels lie in one buffer, in slots at multiples of 256 bytes, which every device allows as
// offsets.
const SLOT_BYTES = 256;
const SLOTS = 1024;
/** Bytes of the buffer of parameters. */
export const PARAMETER_BYTES = SLOTS * SLOT_BYTES;
const MOST_GROUPS = 16_384;

/** Time and number of calls of the kernels with one label. */
export interface KernelTime {
  milliseconds: number;
  calls: number;
}

/**
 * Records dispatches and submits them in pieces of at most {@link SUBMISSION_MS}, whose time it predicts from the
 * operations of kernels and the measured rate of the device. Owns pipelines, bind groups, parameters and read buffers.
 */
export class Recorder {
  readonly device: GPUDevice;
  readonly limits: GpuLimits;
  readonly pipelines: Pipelines;
  private readonly uniforms: GPUBuffer;
  private readonly reads: ReadBuffers;
  /** Offsets in {@link Recorder.uniforms}, by the parameters that lie there. */
  private readonly slots = new Map<string, number>();
  private readonly groups = new Map<string, GPUBindGroup>();
  /** Numbers of kernels and buffers, which form the keys of {@link Recorder.groups}. */
  private readonly numbers = new WeakMap<object, number>();
  private numbered = 0;
  private readonly inFlight: Promise<void>[] = [];
  private unfinished = 0;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private recorded = 0;
  /** Operations submitted since the device was last idle. */
  private given = 0;
  private rate = FIRST_RATE;
  private lastDone = 0;
  private timing: KernelTimer | null = null;
  /** Kernels that {@link Recorder.needed} has found so far; null while it is not running. */
  private wanted: Set<Kernel> | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
    this.limits = device.limits;
    this.pipelines = new Pipelines(device);
    this.reads = new ReadBuffers(device);
    this.uniforms = device.createBuffer({
      label: 'parameters',
      size: PARAMETER_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /**
   * Records a kernel, and submits if enough work has been recorded.
   * @param bindings all except the parameters, in order.
   * @param parameters at most four u32.
   * @param groups number of workgroups.
   * @param operations approximate number of floating-point operations, whose sum decides when to submit.
   */
  async run(
    kernel: Kernel,
    bindings: readonly Binding[],
    parameters: readonly number[],
    groups: number,
    operations: number,
  ): Promise<void> {
    if (this.wanted !== null) {
      this.wanted.add(kernel);
      return;
    }
    const pipeline = this.pipelines.compiled(kernel) ?? (await this.pipelines.get(kernel));
    const slot = this.slot(parameters) ?? (await this.freshSlot(parameters));
    const group = this.group(kernel, pipeline, bindings);
    this.encoder ??= this.device.createCommandEncoder();
    if (this.timing !== null) this.endPass();
    this.pass ??= this.encoder.beginComputePass(this.timing?.next(kernel.label));
    this.pass.setPipeline(pipeline);
    this.pass.setBindGroup(0, group, [slot]);
    this.pass.dispatchWorkgroups(...gridOf(groups, this.limits));
    this.recorded += operations;
    const enough = Math.min(SUBMISSION_MS, Math.max(FIRST_MS, this.given / this.rate));
    if (this.recorded > this.rate * enough) await this.submit();
  }

  /** Records a copy of a buffer's first `bytes` bytes. @param offset in the destination. */
  copy(from: GPUBuffer, to: GPUBuffer, bytes: number, offset = 0): void {
    this.endPass();
    this.encoder ??= this.device.createCommandEncoder();
    this.encoder.copyBufferToBuffer(from, 0, to, offset, bytes);
  }

  /** Largest number of operations that one kernel should have, since a kernel cannot be divided. */
  get operationsAtOnce(): number {
    return 2 * this.rate * SUBMISSION_MS;
  }

  /** Submits all recorded work. Waits while {@link IN_FLIGHT} submissions are in flight. */
  async submit(): Promise<void> {
    this.endPass();
    if (this.encoder === null) return;
    this.timing?.resolve(this.encoder);
    const operations = this.recorded;
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.recorded = 0;
    const submitted = performance.now();
    this.unfinished += 1;
    this.given += operations;
    const done = this.device.queue.onSubmittedWorkDone().then(() => {
      const now = performance.now();
      this.unfinished -= 1;
      if (this.unfinished === 0) this.given = 0;
      // The device began with this submission when it had finished the previous one.
      const took = now - Math.max(submitted, this.lastDone);
      this.lastDone = now;
      // The time of a small submission is mostly latency, so it does not count.
      if (operations >= this.rate * 20 && took > 0) this.rate = operations / took;
    });
    done.catch(() => {}); // rejects only if the device is lost, which its guard reports
    this.inFlight.push(done);
    if (this.inFlight.length >= IN_FLIGHT) await this.inFlight.shift();
  }

  /** Submits all recorded work and reads the first `length` values of a float32 buffer back. */
  async read(buffer: GPUBuffer, length: number): Promise<Float32Array<ArrayBuffer>> {
    const { values } = await this.readBack(buffer, length);
    return values;
  }

  /**
   * Submits all recorded work and a copy of the first `length` values of a float32 buffer.
   * @returns once this has been submitted, so that more can be recorded. `values` resolves when the device is done.
   */
  async readBack(
    buffer: GPUBuffer,
    length: number,
  ): Promise<{ values: Promise<Float32Array<ArrayBuffer>> }> {
    this.endPass();
    this.encoder ??= this.device.createCommandEncoder();
    const bytes = length * 4;
    const copy = this.reads.take(bytes);
    this.encoder.copyBufferToBuffer(buffer, 0, copy, 0, bytes);
    // The mapping is requested right after the submission, while `submit` may still wait for earlier ones.
    const submitting = this.submit();
    const values = this.reads.values(copy, length);
    values.catch(() => {}); // the caller handles it when it awaits `values`
    await submitting;
    return { values };
  }

  /** Drops recorded work and waits for submitted work. */
  async abandon(): Promise<void> {
    this.endPass();
    this.encoder = null;
    this.recorded = 0;
    await Promise.allSettled(this.inFlight.splice(0));
  }

  /** Compiles the kernels that `work` would run, in parallel. Records nothing. */
  async compile(work: () => Promise<void>): Promise<void> {
    const wanted = await this.needed(work);
    await Promise.all(wanted.map((kernel) => this.pipelines.get(kernel)));
  }

  /** The kernels that `work` would run, in the order of their first use. Records nothing. */
  async needed(work: () => Promise<void>): Promise<Kernel[]> {
    const wanted = new Set<Kernel>();
    this.wanted = wanted;
    try {
      await work();
    } finally {
      this.wanted = null;
    }
    return [...wanted];
  }

  /** Bytes of buffers that are kept for reading results back. */
  get readBytes(): number {
    return this.reads.bytes;
  }

  /** True while {@link Recorder.needed} runs, when bindings are not used. */
  get compiling(): boolean {
    return this.wanted !== null;
  }

  /**
   * Times every kernel that `work` runs, by label, in a compute pass each; null if the device cannot take timestamps.
   */
  async timed(work: () => Promise<void>): Promise<Map<string, KernelTime> | null> {
    if (!this.device.features.has('timestamp-query')) return null;
    this.timing = new KernelTimer(this.device);
    try {
      await work();
      await this.submit();
      return await this.timing.times();
    } finally {
      this.timing.dispose();
      this.timing = null;
    }
  }

  /** Frees the buffers of parameters and of reads. */
  dispose(): void {
    this.uniforms.destroy();
    this.reads.dispose();
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
  }

  /** The offset of parameters, which are written if there is room; undefined if all slots are taken by others. */
  private slot(parameters: readonly number[]): number | undefined {
    const key = parameters.join();
    const known = this.slots.get(key);
    if (known !== undefined || this.slots.size === SLOTS) return known;
    const offset = this.slots.size * SLOT_BYTES;
    const values = new Uint32Array(PARAMETERS);
    values.set(parameters);
    this.device.queue.writeBuffer(this.uniforms, offset, values);
    this.slots.set(key, offset);
    return offset;
  }

  /**
   * Frees all slots and takes one. Submits recorded work first, which must not see parameters that are written later.
   */
  private async freshSlot(parameters: readonly number[]): Promise<number> {
    await this.submit();
    this.slots.clear();
    return this.slot(parameters)!;
  }

  /** The bind group of a kernel and its buffers, made once, since every pass uses the same buffers. */
  private group(
    kernel: Kernel,
    pipeline: GPUComputePipeline,
    bindings: readonly Binding[],
  ): GPUBindGroup {
    let key = `${this.number(kernel)}`;
    for (const binding of bindings) {
      key +=
        binding instanceof GPUBuffer
          ? `,${this.number(binding)}`
          : `,${this.number(binding.buffer)}:${binding.offset}:${binding.size}`;
    }
    let group = this.groups.get(key);
    if (group === undefined) {
      const uniform = { buffer: this.uniforms, offset: 0, size: PARAMETERS * 4 };
      group = this.device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [...bindings, uniform].map((resource, binding) => ({
          binding,
          resource: resource instanceof GPUBuffer ? { buffer: resource } : resource,
        })),
      });
      if (this.groups.size >= MOST_GROUPS) this.groups.clear();
      this.groups.set(key, group);
    }
    return group;
  }

  private number(thing: object): number {
    let number = this.numbers.get(thing);
    if (number === undefined) {
      number = this.numbered++;
      this.numbers.set(thing, number);
    }
    return number;
  }
}

/** Number of timestamps, two per kernel; further kernels are not timed. */
const QUERIES = 4096;

/** Takes timestamps before and after kernels. */
class KernelTimer {
  private readonly labels: string[] = [];
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly device: GPUDevice;
  private done = 0;

  constructor(device: GPUDevice) {
    this.device = device;
    this.queries = device.createQuerySet({ type: 'timestamp', count: QUERIES });
    this.resolved = device.createBuffer({
      size: QUERIES * 8,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
  }

  next(label: string): GPUComputePassDescriptor {
    const index = this.labels.push(label) - 1;
    if (index * 2 + 2 > QUERIES) return { label };
    return {
      label,
      timestampWrites: {
        querySet: this.queries,
        beginningOfPassWriteIndex: index * 2,
        endOfPassWriteIndex: index * 2 + 1,
      },
    };
  }

  resolve(encoder: GPUCommandEncoder): void {
    // Offsets to resolve to must be multiples of 256 bytes, so each time all timestamps are resolved again.
    const count = Math.min(QUERIES, this.labels.length * 2);
    if (count > this.done) encoder.resolveQuerySet(this.queries, 0, count, this.resolved, 0);
    this.done = count;
  }

  async times(): Promise<Map<string, KernelTime>> {
    const staging = this.device.createBuffer({
      size: QUERIES * 8,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.resolved, 0, staging, 0, QUERIES * 8);
    this.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(staging.getMappedRange());
    const times = new Map<string, KernelTime>();
    for (const [i, label] of this.labels.entries()) {
      if (i * 2 + 2 > QUERIES) break;
      const time = times.get(label) ?? { milliseconds: 0, calls: 0 };
      time.milliseconds += Number(stamps[i * 2 + 1]! - stamps[i * 2]!) / 1e6;
      time.calls += 1;
      times.set(label, time);
    }
    staging.destroy();
    return times;
  }

  dispose(): void {
    this.queries.destroy();
    this.resolved.destroy();
  }
}
