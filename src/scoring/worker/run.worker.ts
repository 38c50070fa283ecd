import { serve } from '../../rpc/remote.ts';
import { RunArchive } from '../journal/run-archive.ts';
import { opfsRuns } from '../journal/runs-opfs.ts';
import { browserStarters } from './browser-starters.ts';
import { RunService } from './run-service.ts';

serve(new RunService(browserStarters, new RunArchive(opfsRuns)));
