import type { StoredRun } from '../../../scoring/journal/run-archive.ts';
import { strings } from '../../i18n/strings.ts';

/** Returns the user's name for the run, else the name of its file. */
export function runName({ notes, header }: StoredRun): string {
  return notes.name ?? header?.csv.name ?? strings.runs.unknown;
}
