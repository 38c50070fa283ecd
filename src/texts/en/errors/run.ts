import { type Place, placeIn } from '../../place.ts';
import { place as places } from '../model.ts';
import { executorText } from './engine.ts';

/** The value of a fact of a run, at its start or now. */
export type RunValue =
  | string
  | number
  | boolean
  | null
  | { name: string; bytes?: number; sha256: string }
  | { numbers: number; rows: number; sequences: number }
  | { adapters: readonly (string | null)[] }
  | { place: Place }
  | { executor: 'wgsl' | 'ort'; variant: string | null };

const RUN_FACTS = {
  file: 'file',
  model: 'model',
  adapter: 'adapter',
  textMode: 'text mode',
  maxLength: 'max_length',
  truncation: 'truncation',
  spread: 'spread_max_length',
  tta: 'both orders (TTA)',
  reading: 'way of computing',
  device: 'device',
  executor: 'executor',
  without: 'savings left out',
  precision: 'precision',
  softCap: 'soft cap',
  padding: 'padding',
  scoreBytes: 'bytes of attention scores',
  headGroups: 'groups of heads',
  largestBuffer: 'largest buffer',
};

/** A fact of a run that has changed since its start. */
export interface Difference {
  what: keyof typeof RUN_FACTS;
  was: RunValue;
  is: RunValue;
}

function valueText(value: RunValue): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object') return String(value);
  if ('adapters' in value) {
    const [only = null] = value.adapters;
    if (value.adapters.length < 2) return only ?? 'none';
    return `mean of ${value.adapters.map((name) => name ?? 'the base model').join(', ')}`;
  }
  if ('place' in value) return placeIn(value.place, places);
  if ('executor' in value) return executorText(value);
  if ('numbers' in value) {
    return `version ${value.numbers}, ${value.rows} rows, ${value.sequences} texts`;
  }
  const { name, bytes, sha256 } = value;
  const size = bytes === undefined ? '' : `${bytes} bytes, `;
  return `${name} (${size}sha256 ${sha256.slice(0, 8)}…)`;
}

/** Lists differences: `max_length was 2048 and is 1024; …`. */
export function differencesText(found: readonly Difference[]): string {
  return found
    .map(({ what, was, is }) => `${RUN_FACTS[what]} was ${valueText(was)} and is ${valueText(is)}`)
    .join('; ');
}

const CHOOSE_FILE = 'Choose a CSV file first.';

/** English texts of errors, by their ids. */
export const runErrors = {
  'internal/unexpected': {
    // The message of another program, unchanged.
    message: ({ reason }: { reason: string }) => reason,
  },
  'run/cancelled': { message: 'Cancelled.' },
  'journal/differs:batches': {
    message: ({ maxTokens }: { maxTokens: number }) =>
      `This run was started with batches of ${maxTokens} tokens.`,
    action: 'Choose the same size of batches, or start again.',
  },
  'journal/busy:command': {
    message: ({ pid, host }: { pid: number; host: string | null }) =>
      `Another command is writing the same output: process ${pid}${host === null ? '' : ` on ${host}`}.`,
    action: ({ host, lock }: { host: string | null; lock: string }) =>
      host === null
        ? 'Wait until it ends, or choose another --out.'
        : `Wait until it ends, or choose another --out. If it is no longer running, delete ${lock}.`,
  },
  'journal/differs': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run cannot be continued: ${differencesText(differences)}.`,
    action: 'Choose what it was started with, or start again.',
  },
  'journal/engine': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run was computed differently: ${differencesText(differences)}.`,
    action: 'You can continue, but the remaining rows may differ in their last digits.',
  },
  'journal/version': {
    message: 'A newer version of this app started this run.',
    action: 'Reload the page, or delete the run.',
  },
  'journal/damaged': {
    message: 'The saved data of this run cannot be read.',
    action: 'Delete it and start again.',
  },
  'journal/busy': {
    message: 'This run is in progress, perhaps in another tab.',
    action: 'Wait until it ends there, or cancel it there.',
  },
  'journal/unavailable': {
    message: 'This browser does not store files for this page.',
    action: 'The run can proceed, but it cannot be continued after the tab is closed.',
  },
  'run/not-ready:model': { message: 'No model is loaded yet.', action: 'Choose a model first.' },
  'run/not-ready:file': { message: 'There is no file yet.', action: CHOOSE_FILE },
  'run/not-ready:row': { message: 'There is no such row yet.', action: CHOOSE_FILE },
  'run/not-ready:reading': {
    message: 'The file is still being read.',
    action: 'Wait until it has been read.',
  },
  'run/not-ready:run': { message: 'There is no run yet.', action: 'Start a run first.' },
  'run/not-ready:result': { message: 'There is no result yet.', action: 'Start a run first.' },
};
