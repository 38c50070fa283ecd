import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { APP_PORT, HARNESS_PORT } from './e2e/settings.ts';

// npm test sets CHROME_PATH; without it Debian's Chromium is taken, else the browser that Playwright installed.
const DEBIAN = '/usr/bin/chromium';
const executablePath = process.env.CHROME_PATH ?? (existsSync(DEBIAN) ? DEBIAN : undefined);

const COMMON = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
// WebGPU without a GPU: Chromium brings SwiftShader. Slow, so what runs on it is tiny.
const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  timeout: 180_000,
  // A busy machine; a test that needed it is listed as flaky.
  retries: 1,
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${APP_PORT}`,
    actionTimeout: 60_000,
    // It stores 50 MB at each first visit, and every test is one. Tests of it allow it.
    serviceWorkers: 'block',
  },
  projects: [
    {
      name: 'cpu',
      testIgnore: /webgpu/,
      use: { launchOptions: { executablePath, args: [...COMMON, '--disable-gpu'] } },
    },
    {
      name: 'webgpu',
      testMatch: /webgpu/,
      use: { launchOptions: { executablePath, args: [...COMMON, ...SWIFTSHADER] } },
    },
  ],
  webServer: {
    command: 'node --import tsx e2e/server.ts',
    url: `http://localhost:${HARNESS_PORT}`,
    timeout: 120_000,
    reuseExistingServer: false,
  },
});
