import { takeNewVersion } from '../offline/register.ts';
import { startApp } from './start.tsx';
import { createClient } from './state/client.ts';

// Nothing else happens in a page that is about to be loaded again.
if (!(await takeNewVersion())) startApp(createClient());
