import { serve } from '../rpc/remote.ts';
import { PackagesService } from './service.ts';

serve(new PackagesService());
