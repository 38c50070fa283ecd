import type { GpuLimits } from '../../device/gpus.ts';

/** Use of a binding: storage that is only read, storage that is written, or the uniform with parameters. */
type Access = 'read' | 'write' | 'uniform';

/** A compute shader with its bindings 0, 1, … of group 0, in order. The last one is the uniform with parameters. */
export interface Kernel {
  label: string;
  code: string;
  bindings: readonly Access[];
}

/** Caches a generator's kernels by its arguments, because generating a shader takes longer than recording its use. */
export function once<A extends unknown[]>(make: (...args: A) => Kernel): (...args: A) => Kernel {
  const made = new Map<string, Kernel>();
  return (...args) => {
    const key = JSON.stringify(args);
    let kernel = made.get(key);
    if (kernel === undefined) {
      kernel = make(...args);
      made.set(key, kernel);
    }
    return kernel;
  };
}

/** Compiles each kernel once, for one device. */
export class Pipelines {
  private readonly device: GPUDevice;
  private readonly ready = new Map<Kernel, GPUComputePipeline>();
  private readonly compiling = new Map<Kernel, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** The pipeline of a kernel; undefined unless it has been compiled. */
  compiled(kernel: Kernel): GPUComputePipeline | undefined {
    return this.ready.get(kernel);
  }

  /** Compiles a kernel. @throws Error with the kernel's label and the reason if the device refuses the shader. */
  get(kernel: Kernel): Promise<GPUComputePipeline> {
    let pipeline = this.compiling.get(kernel);
    if (pipeline === undefined) {
      pipeline = compile(this.device, kernel);
      pipeline.then((done) => this.ready.set(kernel, done)).catch(() => {});
      this.compiling.set(kernel, pipeline);
    }
    return pipeline;
  }
}

const BUFFER_TYPE = {
  read: 'read-only-storage',
  write: 'storage',
  uniform: 'uniform',
} as const satisfies Record<Access, GPUBufferBindingType>;

async function compile(
  device: GPUDevice,
  { label, code, bindings }: Kernel,
): Promise<GPUComputePipeline> {
  const layout = device.createBindGroupLayout({
    label,
    entries: bindings.map((access, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: BUFFER_TYPE[access], hasDynamicOffset: access === 'uniform' },
    })),
  });
  const module = device.createShaderModule({ label, code });
  try {
    return await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const why = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join('; ');
    throw new Error(`${label}: ${why || (cause as Error).message}`, { cause });
  }
}

/** Workgroups in x and y for at least `count` of them. A shader ignores those with an id from `count` on. */
export function gridOf(count: number, { maxComputeWorkgroupsPerDimension }: GpuLimits) {
  if (count <= maxComputeWorkgroupsPerDimension) return [count, 1] as const;
  const y = Math.ceil(count / maxComputeWorkgroupsPerDimension);
  return [Math.ceil(count / y), y] as const;
}
