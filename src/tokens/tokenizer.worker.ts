import { expose } from 'comlink';
import { tokenizerWorkerApi } from './worker-api.ts';

expose(tokenizerWorkerApi);
