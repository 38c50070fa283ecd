import * as v from 'valibot';

/** Name of the file of notes in the folder of a run. */
export const NOTES_NAME = 'notes.json';

/** Largest notes in bytes that are read; the app never writes larger ones. */
const MAX_BYTES = 16 * 1024;

/** Largest number of characters in the name of a run. */
export const MAX_RUN_NAME = 120;

const Notes = v.object({
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_RUN_NAME))),
  downloaded: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  logLoss: v.optional(
    v.object({
      value: v.pipe(v.number(), v.minValue(0)),
      rows: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    }),
  ),
  replaces: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/))),
});

/**
 * Facts about a run that its results do not depend on. They are stored beside the journal, so that the journal's format
 * need not change and damage here cannot harm a result.
 */
export interface RunNotes {
  /** The name that the user gave. */
  name?: string | undefined;
  /** Time of the last download of its submission, ISO 8601. */
  downloaded?: string | undefined;
  /** Mean log loss over the labelled rows, in nats, without post-processing. */
  logLoss?: { value: number; rows: number } | undefined;
  /** Id of an earlier run that the user wants deleted once this one is complete. */
  replaces?: string | undefined;
}

/** Parses notes; empty for torn, foreign or oversized ones. */
export function parseNotes(bytes: Uint8Array): RunNotes {
  if (bytes.length > MAX_BYTES) return {};
  try {
    const parsed = v.safeParse(Notes, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}

/** Encodes notes; undefined entries are left out. */
export function notesBytes(notes: RunNotes): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(notes));
}
