import { serve } from '../../rpc/remote.ts';
import { tokenizerWorkerApi } from './worker-api.ts';

serve(tokenizerWorkerApi);
