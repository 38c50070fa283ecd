import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { tokenizerWorkerApi } from '../tokens/worker-api.ts';

expose(tokenizerWorkerApi, nodeEndpoint(parentPort!));
