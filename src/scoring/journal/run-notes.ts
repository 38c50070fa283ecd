import * as v from 'valibot';

/** Name of the notes in the folder of their run. */
export const NOTES_NAME = 'notes.json';

/** Larger notes are not ours: they are ignored unread. */
const MAX_BYTES = 16 * 1024;

/** Characters of a name that a user gives to a run. */
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
 * What is known of a run besides what it computes. It lies beside the journal, so that the journal keeps its format and
 * no damage here can harm a result.
 */
export interface RunNotes {
  /** The name that the user gave. */
  name?: string | undefined;
  /** When its submission was last downloaded, ISO 8601. */
  downloaded?: string | undefined;
  /** Mean log loss over the labelled rows, in nats, without post-processing. */
  logLoss?: { value: number; rows: number } | undefined;
  /** Id of an earlier run that the user wants deleted once this one is complete. */
  replaces?: string | undefined;
}

/** Reads notes. Torn, foreign or oversized ones are no notes. */
export function parseNotes(bytes: Uint8Array): RunNotes {
  if (bytes.length > MAX_BYTES) return {};
  try {
    const parsed = v.safeParse(Notes, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}

/** The bytes of notes; entries that are undefined are left out. */
export function notesBytes(notes: RunNotes): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(notes));
}
