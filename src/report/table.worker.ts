import { expose } from 'comlink';
import { opfsRuns } from '../run/runs-opfs.ts';
import { TableService } from './table-service.ts';

expose(new TableService(opfsRuns));
