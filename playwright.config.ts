import { defineConfig } from '@playwright/test';
import { type BrowserGpu, chromiumArgs, chromiumPath } from './testing/browser/chromium.ts';
import { type Fonts, fontsEnv } from './testing/browser/fonts.ts';
import { APP_PORT, HARNESS_PORT } from './testing/browser/settings.ts';

const launch = (gpu: BrowserGpu, fonts: Fonts = 'bare') => ({
  launchOptions: { executablePath: chromiumPath(), args: chromiumArgs(gpu), env: fontsEnv(fonts) },
});

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  // A page spends more time waiting than computing.
  workers: 2,
  timeout: 180_000,
  // Two busy cores answer late; a wrong page stays wrong.
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${APP_PORT}`,
    actionTimeout: 60_000,
    // The service worker would store 50 MB in every test, since each is a first visit. Its own tests allow it.
    serviceWorkers: 'block',
  },
  projects: [
    {
      name: 'cpu',
      testIgnore: /webgpu/,
      use: launch('none'),
    },
    {
      // Tests of layout that depend on line breaks, with other fonts.
      name: 'fonts',
      grep: /@fonts/,
      use: launch('none', 'japanese'),
    },
    {
      name: 'webgpu',
      testMatch: /webgpu/,
      // A software GPU takes every core for itself.
      workers: 1,
      // WebGPU without a GPU, by Chromium's SwiftShader. It is slow, so these tests use tiny models.
      use: launch(process.env.E2E_GPU === 'machine' ? 'machine' : 'software'),
    },
  ],
  webServer: {
    command: 'node --import tsx testing/browser/server.ts',
    url: `http://localhost:${HARNESS_PORT}`,
    timeout: 120_000,
    reuseExistingServer: false,
  },
});
