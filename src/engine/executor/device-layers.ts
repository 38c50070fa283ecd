import { throwIfAborted } from '../../domain/errors.ts';
import type { Precision } from '../../model/formats/quantization.ts';
import type { ModelPackage } from '../../model/package.ts';
import { type Backend, guarded } from '../device/backend.ts';
import {
  type LayerRange,
  layersHeld,
  layersKept,
  type Resident,
  STREAM_SLOTS,
} from '../planning/layers.ts';
import { type LayerWeights, type LoadedLayer, loadLayer, overwriteLayer } from './weights.ts';

/**
 * The decoder layers of the base model, or a range of them. Either all are resident on the device, or the first ones
 * are and the others are streamed: read from the package for every pass, into {@link STREAM_SLOTS} slots in turn.
 */
export class DeviceLayers {
  /** The layers that this device computes. */
  readonly range: LayerRange;
  /** Number of layers that stay on the device. */
  readonly resident: number;
  private readonly pkg: ModelPackage;
  private readonly backend: Backend;
  private readonly precision: Precision;
  private readonly layers: LoadedLayer[];
  private readonly slots: LoadedLayer[];
  /** The layer in each slot, or on its way into it; `ready` settles when it has been written. */
  private readonly inSlot: { layer: number; ready: Promise<void> }[] = [];
  /** A layer outside the range that is loaded for a test. */
  private guest: { layer: number; loaded: LoadedLayer } | null = null;

  private constructor(
    from: { pkg: ModelPackage; backend: Backend; precision: Precision; range: LayerRange },
    layers: LoadedLayer[],
    slots: LoadedLayer[],
  ) {
    this.pkg = from.pkg;
    this.backend = from.backend;
    this.precision = from.precision;
    this.range = from.range;
    this.layers = layers;
    this.slots = slots;
    this.resident = layers.length;
  }

  /**
   * Loads the layers that stay on the device, and slots for the others.
   * @param options `layers`: the layers that this device computes. Default: all of the model.
   * @throws TiebreakError if the package lacks a tensor, the device is too small, or `signal` fires; all memory is
   * freed
   *   then.
   */
  static async load(
    pkg: ModelPackage,
    backend: Backend,
    precision: Precision,
    options: {
      layers?: LayerRange;
      resident?: Resident;
      signal?: AbortSignal;
      onProgress?: (layers: number, total: number) => void;
    },
  ): Promise<DeviceLayers> {
    const { layers: range = { from: 0, to: pkg.config.numLayers } } = options;
    const { resident = 'all', signal, onProgress } = options;
    const kept = layersKept(range.to - range.from, resident);
    const count = layersHeld(range.to - range.from, resident);
    const loaded: LoadedLayer[] = [];
    try {
      for (let i = 0; i < count; i += 1) {
        throwIfAborted(signal);
        const layer = range.from + i;
        // One scope per layer, so that a lack of memory is noticed at once, not after gigabytes of reading.
        loaded.push(await guarded(backend, () => loadLayer(pkg, backend, precision, layer)));
        onProgress?.(i + 1, count);
      }
    } catch (thrown) {
      for (const { tensors } of loaded) tensors.release();
      throw thrown;
    }
    const from = { pkg, backend, precision, range };
    const store = new DeviceLayers(from, loaded.slice(0, kept), loaded.slice(kept));
    store.slots.forEach((_, slot) => {
      store.inSlot[slot] = { layer: range.from + kept + slot, ready: Promise.resolve() };
    });
    return store;
  }

  /** Bytes that layers and slots occupy on the device. */
  get bytes(): number {
    return this.held.reduce((sum, { tensors }) => sum + tensors.bytes, 0);
  }

  /** Bytes of layers that every pass through all layers reads again. */
  get streamedBytes(): number {
    const streamed = this.range.to - this.range.from - this.resident;
    const [slot] = this.slots;
    return slot === undefined ? 0 : streamed * slot.tensors.bytes;
  }

  /** True if every pass reads a layer again, into buffers that hold other layers in between. */
  streams(layer: number): boolean {
    return layer >= this.range.from + this.resident && layer < this.range.to;
  }

  /** Runs work that needs a layer. A layer outside the range is loaded for the duration of the work. */
  async with<T>(layer: number, work: () => Promise<T>): Promise<T> {
    if (layer >= this.range.from && layer < this.range.to) return work();
    const loaded = await loadLayer(this.pkg, this.backend, this.precision, layer);
    this.guest = { layer, loaded };
    try {
      return await work();
    } finally {
      this.guest = null;
      loaded.tensors.release();
    }
  }

  /**
   * The weights of a layer. Those of a streamed layer are valid only until the next call, before which all work on them
   * must have been submitted. Also starts to read the streamed layer that comes next.
   * @param last end of this pass through the layers (exclusive), from which on nothing is read ahead.
   */
  async weights(layer: number, last: number): Promise<LayerWeights> {
    const { from, to } = this.range;
    if (layer === this.guest?.layer) return this.guest.loaded.weights;
    if (layer < from || layer >= to) throw new Error(`layer ${layer} is another device's`);
    if (layer - from < this.resident) {
      // The first streamed layer is read while the device computes the last resident one.
      if (layer - from === this.resident - 1) this.ahead(layer, Math.min(last, to));
      return this.layers[layer - from]!.weights;
    }
    await this.fill(layer);
    const { weights } = this.slots[this.slotOf(layer)]!;
    this.ahead(layer, Math.min(last, to));
    return weights;
  }

  /** Waits for layers that are being read ahead, so that nothing writes to the device any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.inSlot.map(({ ready }) => ready));
  }

  /** Frees all layers and slots. */
  dispose(): void {
    for (const { tensors } of this.held) tensors.release();
  }

  private get held(): LoadedLayer[] {
    return [...this.layers, ...this.slots];
  }

  /** Starts to read the layer after `layer`, unless the pass ends before it. */
  private ahead(layer: number, last: number): void {
    // A failure is reported when the layer is requested.
    if (layer + 1 < last) this.fill(layer + 1).catch(() => {});
  }

  private slotOf(layer: number): number {
    return (layer - this.range.from - this.resident) % STREAM_SLOTS;
  }

  /**
   * Reads a streamed layer into its slot, unless it is there or on its way. The previous layer in that slot may still
   * be computing: its work was submitted before, and the device's queue runs writes after it.
   */
  private fill(layer: number): Promise<void> {
    const slot = this.slotOf(layer);
    const current = this.inSlot[slot]!;
    if (current.layer === layer) return current.ready;
    const ready = current.ready
      .catch(() => {})
      .then(() => overwriteLayer(this.pkg, this.precision, layer, this.slots[slot]!))
      .catch((thrown) => {
        // The slot may be written in part, so it must not count as this layer.
        this.inSlot[slot] = { layer: -1, ready: Promise.resolve() };
        throw thrown;
      });
    this.inSlot[slot] = { layer, ready };
    return ready;
  }
}
