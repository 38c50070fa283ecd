/**
 * Faults of a GPU, put under the engine before it starts. A message `{ fault }` says which and when: `lost:40` destroys the
 * device when work is given to it for the 40th time.
 */
export type FaultKind = 'lost' | 'memory' | 'nan' | 'hang' | 'load-memory' | 'validation';

let kind: FaultKind | '' = '';
let at = 0;
self.addEventListener('message', ({ data }: MessageEvent<{ fault?: string }>) => {
  if (data.fault === undefined || data.fault === '') return;
  const [name, when] = data.fault.split(':');
  kind = name as FaultKind;
  at = Number(when);
});

let submitted = 0;
let scopes = 0;
let device: GPUDevice | undefined;

if (typeof GPUAdapter !== 'undefined') {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    device = await requestDevice.call(this, descriptor);
    return device;
  };

  const submit = GPUQueue.prototype.submit;
  GPUQueue.prototype.submit = function (commands) {
    submitted += 1;
    submit.call(this, commands);
    if (submitted !== at || device === undefined) return undefined;
    if (kind === 'lost') device.destroy();
    if (kind === 'validation') device.createBuffer({ size: 4, usage: 0xffff });
    if (kind === 'hang') for (;;);
    return undefined;
  };

  const popErrorScope = GPUDevice.prototype.popErrorScope;
  GPUDevice.prototype.popErrorScope = async function () {
    const error = await popErrorScope.call(this);
    scopes += 1;
    const short = kind === 'load-memory' || (kind === 'memory' && submitted >= at);
    if (short && scopes >= at && scopes < at + 3) return new GPUOutOfMemoryError('injected');
    return error;
  };

  const getMappedRange = GPUBuffer.prototype.getMappedRange;
  GPUBuffer.prototype.getMappedRange = function (...range) {
    const mapped = getMappedRange.apply(this, range);
    if (kind === 'nan' && submitted >= at && (this.usage & GPUBufferUsage.MAP_READ) !== 0) {
      new Uint8Array(mapped).fill(0xff);
    }
    return mapped;
  };
}
