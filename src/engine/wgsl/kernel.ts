/** How a shader uses a binding: storage that is read, storage that is written too, or the uniform of parameters. */
export type Access = 'read' | 'write' | 'uniform';

/** A compute shader and its bindings, in order: group 0, bindings 0, 1, … The last one is the uniform of parameters. */
export interface Kernel {
  label: string;
  code: string;
  bindings: readonly Access[];
}

/** The limits of a device that the generators respect. */
export type KernelLimits = Pick<
  GPUSupportedLimits,
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxStorageBufferBindingSize'
>;

/** Compiles kernels; equal shaders once. */
export class Pipelines {
  private readonly device: GPUDevice;
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** @throws Error that names the kernel and why when the device refuses the shader. */
  get(kernel: Kernel): Promise<GPUComputePipeline> {
    let pipeline = this.compiled.get(kernel.code);
    if (pipeline === undefined) {
      pipeline = compile(this.device, kernel);
      this.compiled.set(kernel.code, pipeline);
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
      buffer: { type: BUFFER_TYPE[access] },
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
export function gridOf(count: number, { maxComputeWorkgroupsPerDimension }: KernelLimits) {
  if (count <= maxComputeWorkgroupsPerDimension) return [count, 1] as const;
  const y = Math.ceil(count / maxComputeWorkgroupsPerDimension);
  return [Math.ceil(count / y), y] as const;
}
