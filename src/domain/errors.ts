import { errors as english } from '../texts/en/errors/index.ts';
import type { ErrorId, ErrorText, ParamsOf } from '../texts/errors.ts';
import type { Reason, Tell } from '../texts/reason.ts';

/** The place of an error in the user's input. Rows are counted from 1 (the header is not a row). */
export interface ErrorPlace {
  file?: string;
  /** Data row, counted from 1; the header line is not counted. */
  row?: number;
  column?: string;
  /** Offset in the file, counted from 0. */
  byte?: number;
}

/** The values that every language fills into an error's text, by name. They survive structured cloning. */
export type ErrorParams = Readonly<Record<string, unknown>>;

interface Details {
  place?: ErrorPlace;
  cause?: unknown;
  /** The code, if it is not the id's own: a text about any kind of file serves several areas. */
  code?: string;
}

type DetailsOf<Id extends ErrorId> =
  unknown extends ParamsOf<Id>
    ? [details?: Details]
    : [details: Details & { params: ParamsOf<Id> }];

/** An error in a form that survives structured cloning between workers. */
export interface PlainError {
  code: string;
  /** Id of the text in the catalogues; left out if it equals the code. */
  id?: string;
  message: string;
  action?: string;
  place?: ErrorPlace;
  params?: ErrorParams;
}

/**
 * An error that a user can meet. Its text stands under its id in the catalogue of each language
 * (`src/texts/en/errors`); `message` and `action` (the remedy) are the English text, for logs and the command line.
 * `place` locates the cause in the user's input. `code` never changes between versions and has the form `area/problem`:
 * `csv/missing-column`.
 */
export class TiebreakError<Id extends ErrorId = ErrorId> extends Error {
  override readonly name = 'TiebreakError';
  readonly code: string;
  readonly id: string;
  readonly action?: string;
  readonly place?: ErrorPlace;
  readonly params?: ErrorParams;

  constructor(id: Id, ...[details]: DetailsOf<Id>) {
    const { code, place, cause, params } = (details ?? {}) as Details & { params?: ErrorParams };
    const { message, action } = fillText(english[id] as ErrorText, params);
    super(clip(message), cause === undefined ? undefined : { cause });
    this.id = id;
    this.code = code ?? id.replace(/:.*/, '');
    this.action = action;
    this.place = place;
    this.params = params;
  }

  /** A copy of the error with another text, place or cause. */
  with(change: { message?: string; action?: string; place?: ErrorPlace; cause?: unknown }) {
    const error = TiebreakError.fromPlain({ ...this.toPlain(), ...change });
    return Object.assign(error, { cause: change.cause ?? this.cause });
  }

  /** The error as plain data, for `postMessage`. */
  toPlain(): PlainError {
    const { code, id, message, action, place, params } = this;
    return { code, ...(id !== code && { id }), message, action, place, params };
  }

  /** Rebuilds an error that crossed a worker boundary. */
  static fromPlain(plain: PlainError): TiebreakError {
    const error = new TiebreakError('internal/unexpected', { params: { reason: plain.message } });
    const { code, id = code, action, place, params } = plain;
    return Object.assign(error, { code, id, action, place, params });
  }
}

/** Makes an error at a place. @param params values in its text, if it has any. */
export function errorAt<Id extends ErrorId>(
  place: ErrorPlace,
  id: Id,
  ...[params]: unknown extends ParamsOf<Id> ? [] : [params: ParamsOf<Id>]
): TiebreakError {
  return new TiebreakError(id, ...([{ place, params }] as unknown as DetailsOf<Id>));
}

/** Fills the values of an error into its text. @param texts of the same language, for errors among the values. */
export function fillText(
  text: ErrorText,
  params: ErrorParams = {},
  texts: Readonly<Record<string, ErrorText>> = english,
) {
  const tell: Tell = (reason) => reasonText(reason, texts).replace(/[.。]$/, '');
  const fill = (part: ErrorText['message'] | ErrorText['action']) =>
    part instanceof Function ? part(params as never, tell) : part;
  return { message: fill(text.message) ?? '', action: fill(text.action) };
}

function reasonText(reason: Reason, texts: Readonly<Record<string, ErrorText>>): string {
  const { code, id = code, message, params } = reason;
  const text = texts[id];
  if (text === undefined || (text.message instanceof Function && params === undefined)) {
    return message;
  }
  return fillText(text, params as ErrorParams | undefined, texts).message;
}

// Messages quote names from damaged files, which can be megabytes long.
const LONGEST_MESSAGE = 1000;

function clip(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  return `${message.slice(0, LONGEST_MESSAGE)} … (${message.length - LONGEST_MESSAGE} more characters)`;
}

/**
 * Turns anything thrown into a {@link TiebreakError}. An `AbortError` becomes {@link aborted}; unknown errors get the
 * code `internal/unexpected` and stay attached as `cause`.
 */
export function asTiebreakError(thrown: unknown): TiebreakError {
  if (thrown instanceof TiebreakError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return aborted();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TiebreakError('internal/unexpected', { params: { reason: message }, cause: thrown });
}

/** The error `run/cancelled`, with which every cancelled operation rejects. */
export function aborted(): TiebreakError {
  return new TiebreakError('run/cancelled');
}

/** Throws {@link aborted} when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted();
}

/** One line for a terminal or a log: the place, the message and the action. */
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
