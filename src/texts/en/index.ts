import { computer } from './computer.ts';
import { errors } from './errors/index.ts';
import { examples } from './examples.ts';
import { explorer } from './explorer.ts';
import { file, settings } from './file.ts';
import { format } from './format.ts';
import { model, notice, place } from './model.ts';
import { incidentActions, notes } from './notes.ts';
import { own } from './own.ts';
import { reading } from './reading.ts';
import { report } from './report.ts';
import { downloads, results, row } from './results.ts';
import { run, runs } from './run.ts';
import { shell } from './shell.ts';

/** Every English text. */
export const english = {
  ...shell,
  model,
  place,
  notice,
  own,
  file,
  settings,
  notes,
  run,
  incidentActions,
  runs,
  results,
  row,
  downloads,
  reading,
  report,
  explorer,
  examples,
  computer,
  format,
  errors,
};
