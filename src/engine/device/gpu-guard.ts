import { TiebreakError } from '../../domain/errors.ts';

/** The part of `GPUDevice` that {@link GpuGuard} uses. */
export type WatchedDevice = Pick<
  GPUDevice,
  'lost' | 'addEventListener' | 'pushErrorScope' | 'popErrorScope'
>;

// Error scopes around work, the outermost first. Each catches the errors of its kind.
const SCOPES = ['validation', 'internal', 'out-of-memory'] as const;

/** Milliseconds for failed work to end after a loss. */
const SETTLE_MS = 2000;
/** Milliseconds within which the browser reports a loss after work has failed from it. */
const LOSS_MS = 200;

/**
 * Turns errors that WebGPU reports apart from results into exceptions. After most errors WebGPU continues, with buffers
 * that are zero or empty, so results count only if {@link GpuGuard.run} resolves.
 */
export class GpuGuard {
  private readonly device: WatchedDevice;
  private readonly lost: Promise<never>;
  private failure: TiebreakError | undefined;
  private closing = false;
  /** True while work is in progress, and forever if it never ended because the device was lost. */
  busy = false;

  constructor(device: WatchedDevice) {
    this.device = device;
    this.lost = device.lost.then(({ reason, message }) => {
      this.failure = this.closing ? closed() : lostError(reason, message);
      throw this.failure;
    });
    this.lost.catch(() => {});
    device.addEventListener('uncapturederror', (event) => {
      // Otherwise the browser would only write the error to the console.
      event.preventDefault();
      this.failure ??= gpuError(event.error);
    });
  }

  /** Announces that the owner is about to destroy the device, so that its loss is no failure. */
  close(): void {
    this.closing = true;
  }

  /**
   * Runs `work` on the device, which nothing else may use meanwhile.
   * @throws TiebreakError `gpu/lost`, `gpu/out-of-memory` or `gpu/error` if the device has reported one of them, also
   *   before this call; otherwise whatever `work` throws.
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
    // After a loss ONNX Runtime fails or waits forever. If it fails, it must have ended before anything else runs.
    if (this.failure !== undefined) await Promise.race([ended, pause(SETTLE_MS)]);
    const reported = await this.reported();
    if (this.failure !== undefined) throw this.failure;
    if (reported !== undefined) throw reported;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  /**
   * Waits for a result that work of {@link GpuGuard.run} left to the device. Other work may run meanwhile.
   * @throws TiebreakError that the device has reported; otherwise whatever `result` rejects with.
   */
  async outcome<T>(result: Promise<T>): Promise<T> {
    const [settled] = await Promise.allSettled([Promise.race([result, this.lost])]);
    if (this.failure !== undefined) throw this.failure;
    if (settled.status === 'fulfilled') return settled.value;
    // Work on a lost device may fail before the browser reports the loss.
    await Promise.race([this.lost.catch(() => {}), pause(LOSS_MS)]);
    throw this.failure ?? settled.reason;
  }

  /** The error that the scopes have caught. A lack of memory takes precedence over the errors that follow from it. */
  private async reported(): Promise<TiebreakError | undefined> {
    const popped = SCOPES.map(() => this.device.popErrorScope());
    // A lost device may never answer for its scopes.
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
  const why = message.trim().replace(/\.$/, '') || reason || null;
  return new TiebreakError('gpu/lost', { params: { why } });
}

function closed(): TiebreakError {
  return new TiebreakError('gpu/lost:given-back');
}
