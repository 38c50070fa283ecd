import { existsSync } from 'node:fs';

/** Path of the browser that tests and benches drive: `CHROME_PATH`, else Debian's; undefined for Playwright's own. */
export function chromiumPath(): string | undefined {
  const debian = '/usr/bin/chromium';
  return process.env.CHROME_PATH ?? (existsSync(debian) ? debian : undefined);
}

/** What a browser computes on: nothing but the CPU, Chromium's own software GPU, or the machine's. */
export type BrowserGpu = 'none' | 'software' | 'machine';

// Without a display Chromium takes the GPU of a Linux machine only with all of these: its Vulkan would want a surface,
// which such a driver does not have, and SwiftShader would silently take its place. float16 on NVIDIA's Vulkan is an
// experiment that Dawn hides.
const WITHOUT_DISPLAY = [
  ...['--use-angle=vulkan', '--use-vulkan=native', '--enable-features=Vulkan'],
  ...['--ignore-gpu-blocklist', '--disable-vulkan-surface'],
  '--enable-dawn-features=vulkan_enable_f16_on_nvidia',
];

const GPU_ARGS: Record<BrowserGpu, string[]> = {
  none: ['--disable-gpu'],
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  machine: [
    '--enable-unsafe-webgpu',
    ...(process.platform === 'linux' ? WITHOUT_DISPLAY : ['--ignore-gpu-blocklist']),
  ],
};

/** Command line of a headless Chromium. */
export function chromiumArgs(gpu: BrowserGpu): string[] {
  return [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    ...GPU_ARGS[gpu],
  ];
}
