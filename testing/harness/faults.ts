/**
 * Faults of a GPU, installed before the engine starts. A message `{ fault }` sets the kind and time: `lost:3` destroys
 * the device when the third batch first submits work to it. `load-memory:4` counts error scopes, the fourth and two
 * more, and so happens while the model is being loaded.
 */
export type FaultKind = 'lost' | 'memory' | 'nan' | 'hang' | 'load-memory' | 'validation';

/** Calls that compute a batch, or one device's share of its layers. */
const BATCHES = new Set(['logits', 'hiddenAfter', 'logitsAfter']);

let kind: FaultKind | '' = '';
let at = 0;
/** Number of batches begun. */
let batches = 0;
self.addEventListener('message', ({ data }: MessageEvent<{ fault?: string; path?: string[] }>) => {
  if (BATCHES.has(data.path?.[0] ?? '')) batches += 1;
  if (data.fault === undefined || data.fault === '') return;
  const [name, when] = data.fault.split(':');
  kind = name as FaultKind;
  at = Number(when);
});

let happened = false;
let scopes = 0;

/** True once for one of these faults: at its batch or soon after, since the next batch is submitted ahead. */
function isDue(...kinds: FaultKind[]): boolean {
  if (happened || kind === '' || !kinds.includes(kind) || batches < at) return false;
  happened = true;
  return true;
}

let device: GPUDevice | undefined;

if (typeof GPUAdapter !== 'undefined') {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    device = await requestDevice.call(this, descriptor);
    return device;
  };

  const submit = GPUQueue.prototype.submit;
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, commands);
    if (device === undefined || !isDue('lost', 'validation', 'hang')) return undefined;
    if (kind === 'lost') device.destroy();
    if (kind === 'validation') device.createBuffer({ size: 4, usage: 0xffff });
    if (kind === 'hang') for (;;);
    return undefined;
  };

  const popErrorScope = GPUDevice.prototype.popErrorScope;
  GPUDevice.prototype.popErrorScope = async function () {
    const error = await popErrorScope.call(this);
    scopes += 1;
    const loading = kind === 'load-memory' && scopes >= at && scopes < at + 3;
    return loading || isDue('memory') ? new GPUOutOfMemoryError('injected') : error;
  };

  const getMappedRange = GPUBuffer.prototype.getMappedRange;
  GPUBuffer.prototype.getMappedRange = function (...range) {
    const mapped = getMappedRange.apply(this, range);
    if ((this.usage & GPUBufferUsage.MAP_READ) !== 0 && isDue('nan')) {
      new Uint8Array(mapped).fill(0xff);
    }
    return mapped;
  };
}
