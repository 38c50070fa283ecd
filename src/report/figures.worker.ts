import { serve } from '../rpc/remote.ts';
import { FiguresService } from './figures-service.ts';

serve(new FiguresService());
