import { TiebreakError } from '../../domain/errors.ts';

/** The part of `GPUDevice` that is watched. */
export type WatchedDevice = Pick<
  GPUDevice,
  'lost' | 'addEventListener' | 'pushErrorScope' | 'popErrorScope'
>;

// Popped in the opposite order; an error goes to the innermost scope of its kind.
const SCOPES = ['validation', 'internal', 'out-of-memory'] as const;

const SETTLE_MS = 2000;
/** The browser tells of a loss well within this. */
const LOSS_MS = 200;

/**
 * Turns what WebGPU reports beside the results into errors. WebGPU goes on after most errors with buffers of zeros or
 * of nothing, so numbers count only when {@link GpuGuard.run} says so.
 */
export class GpuGuard {
  private readonly device: WatchedDevice;
  private readonly lost: Promise<never>;
  private failure: TiebreakError | undefined;
  private closing = false;
  /** Whether work is under way, or never ended because the device was lost. */
  busy = false;

  constructor(device: WatchedDevice) {
    this.device = device;
    this.lost = device.lost.then(({ reason, message }) => {
      this.failure = this.closing ? closed() : lostError(reason, message);
      throw this.failure;
    });
    this.lost.catch(() => {});
    device.addEventListener('uncapturederror', (event) => {
      // Else the browser writes it to the console, and nobody acts on it.
      event.preventDefault();
      this.failure ??= gpuError(event.error);
    });
  }

  /** Says that the device is about to be destroyed by its owner. */
  close(): void {
    this.closing = true;
  }

  /**
   * Runs work on the device; nothing else may use it meanwhile.
   * @throws TiebreakError `gpu/lost`, `gpu/out-of-memory` or `gpu/error` when the device reported one of them meanwhile
   * or
   *   before, else what `work` throws.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.failure !== undefined) throw this.failure;
    for (const scope of SCOPES) this.device.pushErrorScope(scope);
    const working = work();
    this.busy = true;
    const ended = Promise.allSettled([working]).then(() => {
      this.busy = false;
    });
    const [result] = await Promise.allSettled([Promise.race([working, this.lost])]);
    // A loss makes ONNX Runtime fail or wait forever. Where it fails it must be done with it before anything else runs.
    if (this.failure !== undefined) await Promise.race([ended, pause(SETTLE_MS)]);
    const reported = await this.reported();
    if (this.failure !== undefined) throw this.failure;
    if (reported !== undefined) throw reported;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  /**
   * Waits for what work of {@link GpuGuard.run} left to the device; other work may be done meanwhile.
   * @throws TiebreakError what the device reported, else what `result` rejects with.
   */
  async outcome<T>(result: Promise<T>): Promise<T> {
    const [settled] = await Promise.allSettled([Promise.race([result, this.lost])]);
    if (this.failure !== undefined) throw this.failure;
    if (settled.status === 'fulfilled') return settled.value;
    // What waits for a device that is lost may fail before the loss is told.
    await Promise.race([this.lost.catch(() => {}), pause(LOSS_MS)]);
    throw this.failure ?? settled.reason;
  }

  /** What the scopes caught; too little memory before anything that followed from it. */
  private async reported(): Promise<TiebreakError | undefined> {
    const popped = SCOPES.map(() => this.device.popErrorScope());
    // Of a device that is lost, the scopes may be gone.
    const settled = await Promise.race([Promise.allSettled(popped), this.lost.catch(() => null)]);
    const errors = (settled ?? []).map((scope) =>
      scope.status === 'fulfilled' ? scope.value : null,
    );
    const error = errors.find(isOutOfMemory) ?? errors.find((caught) => caught !== null);
    return error ? gpuError(error) : undefined;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isOutOfMemory(error: GPUError | null): boolean {
  return typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
}

function gpuError(error: GPUError): TiebreakError {
  if (isOutOfMemory(error)) {
    return new TiebreakError('gpu/out-of-memory', { cause: error });
  }
  return new TiebreakError('gpu/error', { params: { reason: error.message }, cause: error });
}

function lostError(reason: GPUDeviceLostReason | undefined, message: string): TiebreakError {
  const why = message.trim().replace(/\.$/, '') || reason || 'no reason was given';
  return new TiebreakError('gpu/lost', { params: { why } });
}

function closed(): TiebreakError {
  return new TiebreakError('gpu/lost:given-back');
}
