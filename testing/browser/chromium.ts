import { existsSync } from 'node:fs';

/** Path of the browser for tests and benches: `CHROME_PATH`, else Debian's; undefined for Playwright's own. */
export function chromiumPath(): string | undefined {
  const debian = '/usr/bin/chromium';
  return process.env.CHROME_PATH ?? (existsSync(debian) ? debian : undefined);
}

/** The device of a browser: only the CPU, Chromium's own software GPU, or the machine's GPU. */
export type BrowserGpu = 'none' | 'software' | 'machine';

// Without a display, Chromium on Linux uses the machine's GPU only with all of these. Otherwise its Vulkan backend asks
// for a surface, which such a driver lacks, and falls back to SwiftShader silently. float16 on NVIDIA's Vulkan is an
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
