import { takeNewVersion } from '../offline/register.ts';
import { createClient } from './shell/client.ts';
import { startApp } from './start.tsx';

// Nothing else happens in a page that is about to be loaded again.
if (!(await takeNewVersion())) startApp(createClient());
