import { parentPort } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { serve } from '../../rpc/remote.ts';
import { tokenizerWorkerApi } from '../../tokens/pool/worker-api.ts';

serve(tokenizerWorkerApi, nodeEndpoint(parentPort!));
