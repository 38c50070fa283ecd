// A thread does not take over how the main one reads TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./tokenizer-worker.ts');
