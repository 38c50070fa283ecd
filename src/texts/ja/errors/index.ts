import type { ErrorTexts } from '../../errors.ts';
import { chatErrors } from './chat.ts';
import { cliErrors } from './cli.ts';
import { dataErrors } from './data.ts';
import { engineErrors } from './engine.ts';
import { headsErrors } from './heads.ts';
import { modelErrors } from './model.ts';
import { packagesErrors } from './packages.ts';
import { pageErrors } from './page.ts';
import { runErrors } from './run.ts';
import { storageErrors } from './storage.ts';

/** The Japanese text of every error, by its id. */
export const errors: ErrorTexts = {
  ...chatErrors,
  ...cliErrors,
  ...dataErrors,
  ...engineErrors,
  ...headsErrors,
  ...modelErrors,
  ...packagesErrors,
  ...pageErrors,
  ...runErrors,
  ...storageErrors,
};
