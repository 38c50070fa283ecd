import type { GpuLimits } from '../device/gpus.ts';
import { ReadBuffers } from './buffers.ts';
import { gridOf, type Kernel, Pipelines } from './kernels/kernel.ts';

/** A buffer, or a part of one. */
export type Binding = GPUBuffer | { buffer: GPUBuffer; offset: number; size: number };

// A submission takes about this long, so that no system takes the device for hung, and a cancelled
// run ends soon.
const SUBMISSION_MS = 200;
// A device that has nothing to do is given this much first, and then as much again as it was given already: recording
// is faster than computing, so it never waits.
const FIRST_MS = 4;
// The device always has the next submission before it is done with one.
const IN_FLIGHT = 3;
// Until a submission was timed: slow enough for an integrated GPU.
const FIRST_RATE = 2e8; // operations a millisecond
const PARAMETERS = 4;
// Parameters of all kernels lie in one buffer, at offsets that every device allows.
const SLOT_BYTES = 256;
const SLOTS = 1024;
/** Bytes of the buffer of parameters. */
export const PARAMETER_BYTES = SLOTS * SLOT_BYTES;
const MOST_GROUPS = 16_384;

/** Time and operations of the kernels of one label. */
export interface KernelTime {
  milliseconds: number;
  calls: number;
}

/** Records dispatches, and submits them in pieces that take the device a fraction of a second each. */
export class Recorder {
  readonly device: GPUDevice;
  readonly limits: GpuLimits;
  readonly pipelines: Pipelines;
  private readonly uniforms: GPUBuffer;
  private readonly reads: ReadBuffers;
  /** Offsets of parameters in {@link Recorder.uniforms}. */
  private readonly slots = new Map<string, number>();
  private readonly groups = new Map<string, GPUBindGroup>();
  /** Numbers of kernels and buffers, for keys of {@link Recorder.groups}. */
  private readonly numbers = new WeakMap<object, number>();
  private numbered = 0;
  private readonly inFlight: Promise<void>[] = [];
  private unfinished = 0;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private recorded = 0;
  /** Operations that were submitted since the device had nothing to do. */
  private given = 0;
  private rate = FIRST_RATE;
  private lastDone = 0;
  private timing: KernelTimer | null = null;
  /** Kernels that are to be compiled, while {@link Recorder.compile} looks for them. */
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
   * Records a kernel.
   * @param bindings all but the parameters, in order.
   * @param parameters at most four u32.
   * @param operations floating-point operations, roughly: what they add up to decides when to submit.
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

  /** Records a copy of a buffer's first bytes. @param offset where they go. */
  copy(from: GPUBuffer, to: GPUBuffer, bytes: number, offset = 0): void {
    this.endPass();
    this.encoder ??= this.device.createCommandEncoder();
    this.encoder.copyBufferToBuffer(from, 0, to, offset, bytes);
  }

  /** Operations that one kernel may have at most. */
  get operationsAtOnce(): number {
    return 2 * this.rate * SUBMISSION_MS;
  }

  /** Submits what is recorded; waits while the device has enough to do. */
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
      // The device began with it when it was done with the one before.
      const took = now - Math.max(submitted, this.lastDone);
      this.lastDone = now;
      // Small ones say more of the latency than of the rate.
      if (operations >= this.rate * 20 && took > 0) this.rate = operations / took;
    });
    done.catch(() => {}); // a lost device is reported by its guard, and nothing runs on it any more
    this.inFlight.push(done);
    if (this.inFlight.length >= IN_FLIGHT) await this.inFlight.shift();
  }

  /** Submits the rest and reads a float32 buffer back. */
  async read(buffer: GPUBuffer, length: number): Promise<Float32Array<ArrayBuffer>> {
    const { values } = await this.readBack(buffer, length);
    return values;
  }

  /**
   * Submits the rest, with a copy of what a float32 buffer then holds.
   * @returns once that is with the device: `values` follow when the device has done it, and meanwhile more can be
   * recorded.
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
    // Asked for as soon as it is submitted, which may be before there is room for more submissions.
    const submitting = this.submit();
    const values = this.reads.values(copy, length);
    values.catch(() => {}); // whoever waits for it is told
    await submitting;
    return { values };
  }

  /** Drops what is recorded and waits for what was submitted. */
  async abandon(): Promise<void> {
    this.endPass();
    this.encoder = null;
    this.recorded = 0;
    await Promise.allSettled(this.inFlight.splice(0));
  }

  /** Compiles the kernels that `work` would run, side by side; nothing is recorded. */
  async compile(work: () => Promise<void>): Promise<void> {
    const wanted = await this.needed(work);
    await Promise.all(wanted.map((kernel) => this.pipelines.get(kernel)));
  }

  /** The kernels that `work` would run, in the order of their first use; nothing is recorded. */
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

  /** Bytes of buffers that results are read through. */
  get readBytes(): number {
    return this.reads.bytes;
  }

  /** Whether {@link Recorder.compile} is under way: bindings are not looked at then. */
  get compiling(): boolean {
    return this.wanted !== null;
  }

  /** Times every kernel that `work` runs, one pass each; null where the device has no `timestamp-query`. */
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

  /** The place of parameters that are there already or for which there is room. */
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

  /** Makes room: what is recorded is submitted first, since it must not see what is written later. */
  private async freshSlot(parameters: readonly number[]): Promise<number> {
    await this.submit();
    this.slots.clear();
    return this.slot(parameters)!;
  }

  /** Bind groups are made once: a pass uses the same buffers again and again. */
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

/** The values of a buffer that is then freed. */
const QUERIES = 4096;

/** Timestamps around kernels. */
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
    // An offset to resolve to is a multiple of 256 bytes, so all are resolved again each time.
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
