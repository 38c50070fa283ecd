import { takeNewVersion } from '../offline/register.ts';
import { startApp } from './start.tsx';
import { createClient } from './state/client.ts';

// If a new version is waiting, the page reloads and must do nothing else.
if (!(await takeNewVersion())) startApp(createClient());
