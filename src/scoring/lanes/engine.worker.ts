import { openBrowserBackend } from '../../engine/device/backend-browser.ts';
import { browserKernelMemory } from '../../engine/device/kernel-memory-browser.ts';
import { serve } from '../../rpc/remote.ts';
import { engineService } from './engine-service.ts';
import { holdModelFiles, openModelFiles } from './model-source.ts';

serve(
  engineService({
    openBackend: openBrowserBackend,
    openFiles: openModelFiles,
    holdFiles: holdModelFiles,
    kernelMemory: browserKernelMemory,
  }),
);
