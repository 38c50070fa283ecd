import { openBrowserBackend } from '../../engine/device/backend-browser.ts';
import { browserKernelCache } from '../../engine/device/kernel-cache-browser.ts';
import { serve } from '../../rpc/remote.ts';
import { engineService } from './engine-service.ts';
import { holdModelFiles, openModelFiles } from './model-source.ts';

serve(
  engineService({
    openBackend: openBrowserBackend,
    openFiles: openModelFiles,
    holdFiles: holdModelFiles,
    kernelCache: browserKernelCache,
  }),
);
