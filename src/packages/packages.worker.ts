import { expose } from 'comlink';
import { PackagesService } from './service.ts';

expose(new PackagesService());
