/** The place of an error in the user's input. Rows are counted from 1 (the header is not a row). */
export interface ErrorPlace {
  file?: string;
  /** Data row, counted from 1; the header line is not counted. */
  row?: number;
  column?: string;
  /** Offset in the file, counted from 0. */
  byte?: number;
}

/** The values in a message, by name, from which the page writes it in another language. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/** An error in a form that survives structured cloning between workers. */
export interface PlainError {
  code: string;
  message: string;
  action?: string;
  place?: ErrorPlace;
  params?: ErrorParams;
}

/**
 * Every error that a user can meet. `message` says what is wrong, `place` where, `action` what to do about it.
 * `code` is stable and has the form `area/what`, for example `csv/missing-column`.
 */
export class TiebreakError extends Error {
  override readonly name = 'TiebreakError';
  readonly code: string;
  readonly action?: string;
  readonly place?: ErrorPlace;
  readonly params?: ErrorParams;

  constructor(
    code: string,
    message: string,
    more: { action?: string; place?: ErrorPlace; params?: ErrorParams; cause?: unknown } = {},
  ) {
    super(clip(message), more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.action = more.action;
    this.place = more.place;
    this.params = more.params;
  }

  /** The error as plain data, for `postMessage`. */
  toPlain(): PlainError {
    const { code, message, action, place, params } = this;
    return { code, message, action, place, params };
  }

  /** Rebuilds an error that crossed a worker boundary. */
  static fromPlain(plain: PlainError): TiebreakError {
    return new TiebreakError(plain.code, plain.message, {
      action: plain.action,
      place: plain.place,
      params: plain.params,
    });
  }
}

// Names in damaged files are quoted, and may have megabytes.
const LONGEST_MESSAGE = 1000;

function clip(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  return `${message.slice(0, LONGEST_MESSAGE)} … (${message.length - LONGEST_MESSAGE} more characters)`;
}

/** Turns anything thrown into a {@link TiebreakError}; unknown errors get the code `internal/unexpected`. */
export function asTiebreakError(thrown: unknown): TiebreakError {
  if (thrown instanceof TiebreakError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return aborted();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TiebreakError('internal/unexpected', message, { cause: thrown });
}

/** The error that every cancelled operation rejects with. */
export function aborted(): TiebreakError {
  return new TiebreakError('run/cancelled', 'Cancelled.');
}

/** Throws {@link aborted} when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted();
}

/** One line for a terminal or a log: what, where, what to do. */
export function describeError(error: TiebreakError): string {
  const { file, row, column, byte } = error.place ?? {};
  const where = [
    file,
    row === undefined ? undefined : `row ${row}`,
    column === undefined ? undefined : `column ${column}`,
    byte === undefined ? undefined : `byte ${byte}`,
  ].filter((part) => part !== undefined);
  return [
    where.length > 0 ? `${where.join(', ')}: ${error.message}` : error.message,
    error.action ?? '',
  ]
    .filter(Boolean)
    .join(' ');
}
