import { findGpus } from '../../engine/device/gpus.ts';
import { parseConfig } from '../../model/config.ts';
import { readAll, readText } from '../../storage/package-files.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import { workerPool } from '../../tokens/pool/worker-pool.ts';
import type { ModelRequest } from '../lanes/model-request.ts';
import { holdModelFiles, openModelFiles } from '../lanes/model-source.ts';
import { readModelTemplate } from '../lanes/model-template.ts';
import { startLane } from '../lanes/start-lane.ts';
import type { ModelStarters } from '../lanes/start-lanes.ts';
import { planOnCpu, planRequest } from './plan-request.ts';

/** Largest number of workers: tokenizing is many times faster than any model here, and each worker takes memory. */
const MAX_TOKENIZERS = 4;

async function startTokenizers({ source }: ModelRequest): Promise<TokenizerPool> {
  const files = openModelFiles(source);
  const [json, config, model, chat] = await Promise.all([
    readAll(files, 'tokenizer.json'),
    readAll(files, 'tokenizer_config.json'),
    readText(files, 'config.json'),
    readModelTemplate(files),
  ]);
  const size = Math.max(1, Math.min(MAX_TOKENIZERS, navigator.hardwareConcurrency - 1));
  return workerPool({ json, config, rows: parseConfig(model).vocabSize, chat }, size);
}

/** Starts models in a browser: a worker for each GPU, and workers for tokenizers. */
export const browserStarters: ModelStarters = {
  lane: startLane,
  pool: startTokenizers,
  hold: holdModelFiles,
  gpus: () => findGpus(navigator.gpu),
  plan: planRequest,
  planCpu: planOnCpu,
};
