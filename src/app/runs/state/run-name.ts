import type { StoredRun } from '../../../scoring/journal/run-store.ts';
import { strings } from '../../i18n/strings.ts';

/** The name that the user gave, else that of the file. */
export function runName({ notes, header }: StoredRun): string {
  return notes.name ?? header?.csv.name ?? strings.runs.unknown;
}
