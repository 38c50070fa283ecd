import type { GpuLimits } from '../../device/gpus.ts';

/** How a shader uses a binding: storage that is read, storage that is written too, or the uniform of parameters. */
type Access = 'read' | 'write' | 'uniform';

/** A compute shader and its bindings, in order: group 0, bindings 0, 1, … The last one is the uniform of parameters. */
export interface Kernel {
  label: string;
  code: string;
  bindings: readonly Access[];
}

/** Makes a generator write equal shaders once: writing one takes longer than recording its use. */
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

/** Compiles kernels, each once. */
export class Pipelines {
  private readonly device: GPUDevice;
  private readonly ready = new Map<Kernel, GPUComputePipeline>();
  private readonly compiling = new Map<Kernel, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** The pipeline of a kernel that is compiled already. */
  compiled(kernel: Kernel): GPUComputePipeline | undefined {
    return this.ready.get(kernel);
  }

  /** @throws Error that names the kernel and why when the device refuses the shader. */
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

/** Workgroups in x and y for at least `count` of them; a shader ignores those with an id of `count` and above. */
export function gridOf(count: number, { maxComputeWorkgroupsPerDimension }: GpuLimits) {
  if (count <= maxComputeWorkgroupsPerDimension) return [count, 1] as const;
  const y = Math.ceil(count / maxComputeWorkgroupsPerDimension);
  return [Math.ceil(count / y), y] as const;
}
