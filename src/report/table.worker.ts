import { expose } from 'comlink';
import { opfsRuns } from '../scoring/journal/runs-opfs.ts';
import { TableService } from './table-service.ts';

expose(new TableService(opfsRuns));
