import { serve } from '../../src/rpc/remote.ts';
import { RunArchive } from '../../src/scoring/journal/run-archive.ts';
import { opfsRuns } from '../../src/scoring/journal/runs-opfs.ts';
import { browserStarters } from '../../src/scoring/worker/browser-starters.ts';
import { RunService } from '../../src/scoring/worker/run-service.ts';
import { oneGpuTwice } from '../two-gpus.ts';

// The run worker on a machine that seems to have two GPUs like its own one.
const gpus = () => oneGpuTwice(navigator.gpu);

serve(new RunService({ ...browserStarters, gpus }, new RunArchive(opfsRuns)));
