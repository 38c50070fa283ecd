import { expose } from 'comlink';
import { openBrowserBackend } from '../../engine/device/backend-browser.ts';
import { browserKernelMemory } from '../../engine/device/kernel-memory-browser.ts';
import { engineService } from './engine-service.ts';
import { holdModelFiles, openModelFiles } from './model-files.ts';

expose(
  engineService({
    openBackend: openBrowserBackend,
    openFiles: openModelFiles,
    holdFiles: holdModelFiles,
    kernelMemory: browserKernelMemory,
  }),
);
