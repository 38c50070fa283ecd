import { expose } from 'comlink';
import { FiguresService } from './figures-service.ts';

expose(new FiguresService());
