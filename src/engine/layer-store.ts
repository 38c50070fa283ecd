import { throwIfAborted } from '../core/errors.ts';
import type { Precision } from '../model/onnx/layer.ts';
import type { ModelPackage } from '../model/package.ts';
import { type Backend, guarded } from './backend.ts';
import { type Feeds, type LoadedLayer, loadLayer, overwriteLayer } from './load.ts';
import type { ResidentTensor } from './weights.ts';

/** How many decoder layers stay on the device; the others are read from the package whenever they are needed. */
export type Resident = 'all' | number;

// While one streamed layer is computed, the next one is read into the other.
const SLOTS = 2;

/** The decoder layers of the base model: all on the device, or the first ones there and the others streamed. */
export class LayerStore {
  /** Layers that stay. */
  readonly resident: number;
  private readonly pkg: ModelPackage;
  private readonly precision: Precision;
  private readonly layers: LoadedLayer[];
  private readonly slots: LoadedLayer[];
  /** What each slot holds, or is being filled with. */
  private readonly inSlot: { layer: number; ready: Promise<void> }[] = [];

  private constructor(
    pkg: ModelPackage,
    precision: Precision,
    layers: LoadedLayer[],
    slots: LoadedLayer[],
  ) {
    this.pkg = pkg;
    this.precision = precision;
    this.layers = layers;
    this.slots = slots;
    this.resident = layers.length;
  }

  /**
   * Loads the layers that stay, and room for the others.
   * @throws TiebreakError when the package lacks a tensor, the device is too small, or `signal` fires; then nothing is held.
   */
  static async load(
    pkg: ModelPackage,
    backend: Backend,
    precision: Precision,
    options: {
      resident?: Resident;
      signal?: AbortSignal;
      onProgress?: (layers: number, total: number) => void;
    },
  ): Promise<LayerStore> {
    const { numLayers } = pkg.config;
    const { resident = 'all', signal, onProgress } = options;
    // Fewer streamed layers than slots would take the same memory as if they stayed.
    const kept =
      resident === 'all' || resident > numLayers - SLOTS ? numLayers : Math.max(0, resident);
    const count = kept === numLayers ? numLayers : kept + SLOTS;
    const loaded: LoadedLayer[] = [];
    try {
      for (let layer = 0; layer < count; layer += 1) {
        throwIfAborted(signal);
        // One scope a layer: memory that runs short is noticed at once, not after gigabytes of reading.
        loaded.push(await guarded(backend, () => loadLayer(pkg, backend, precision, layer)));
        onProgress?.(layer + 1, count);
      }
    } catch (thrown) {
      release(loaded);
      throw thrown;
    }
    const store = new LayerStore(pkg, precision, loaded.slice(0, kept), loaded.slice(kept));
    store.slots.forEach((_, slot) => {
      store.inSlot[slot] = { layer: kept + slot, ready: Promise.resolve() };
    });
    return store;
  }

  /** Everything that is held on the device. */
  get held(): ResidentTensor[] {
    return [...this.layers, ...this.slots].flatMap(({ held }) => held);
  }

  /** Bytes that are read again for every pass through all layers. */
  get streamedBytes(): number {
    const streamed = this.pkg.config.numLayers - this.resident;
    const [slot] = this.slots;
    return slot === undefined ? 0 : streamed * slot.held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The weights of a layer, for one run that is given to the device before the next call; starts to read the streamed layer
   * that comes after it.
   */
  async feeds(layer: number, last: number): Promise<Feeds> {
    if (layer < this.resident) {
      // The first streamed layers are wanted as soon as the last one that stays was given to the device.
      if (layer === this.resident - 1) this.ahead(layer, last);
      return this.layers[layer]!.feeds;
    }
    await this.fill(layer);
    const { feeds } = this.slots[this.slotOf(layer)]!;
    this.ahead(layer, last);
    return feeds;
  }

  /** Waits for reading ahead, so that nothing is under way on the device any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.inSlot.map(({ ready }) => ready));
  }

  private ahead(layer: number, last: number): void {
    // A failure shows when the layer is asked for.
    if (layer + 1 < last) this.fill(layer + 1).catch(() => {});
  }

  private slotOf(layer: number): number {
    return (layer - this.resident) % SLOTS;
  }

  private fill(layer: number): Promise<void> {
    const slot = this.slotOf(layer);
    const current = this.inSlot[slot]!;
    if (current.layer === layer) return current.ready;
    const ready = current.ready
      .catch(() => {})
      .then(() => overwriteLayer(this.pkg, this.precision, layer, this.slots[slot]!))
      .catch((thrown) => {
        // Half of it may be written: it must not pass for this layer.
        this.inSlot[slot] = { layer: -1, ready: Promise.resolve() };
        throw thrown;
      });
    this.inSlot[slot] = { layer, ready };
    return ready;
  }
}

function release(layers: readonly LoadedLayer[]): void {
  for (const { held } of layers) for (const tensor of held) tensor.release();
}
