import { serve } from '../rpc/remote.ts';
import { opfsRuns } from '../scoring/journal/runs-opfs.ts';
import { TableService } from './table-service.ts';

serve(new TableService(opfsRuns));
