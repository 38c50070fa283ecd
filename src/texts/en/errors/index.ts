import { cliErrors } from './cli.ts';
import { dataErrors } from './data.ts';
import { engineErrors } from './engine.ts';
import { modelErrors } from './model.ts';
import { packagesErrors } from './packages.ts';
import { pageErrors } from './page.ts';
import { runErrors } from './run.ts';
import { storageErrors } from './storage.ts';

/** The English text of every error, by its id: its code, and where one code has several texts a word behind a colon. */
export const errors = {
  ...cliErrors,
  ...dataErrors,
  ...engineErrors,
  ...modelErrors,
  ...packagesErrors,
  ...pageErrors,
  ...runErrors,
  ...storageErrors,
};
