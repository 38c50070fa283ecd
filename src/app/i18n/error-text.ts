import type { ErrorParams, PlainError } from '../../domain/errors.ts';
import { errorsJa } from './errors-ja.ts';
import { language } from './language.ts';

/** An error as the page tells it. */
export interface LocalisedError {
  message: string;
  action: string | undefined;
  /** What the error itself says, in English, where `message` is only its kind; else null. */
  original: string | null;
}

/**
 * An error in the page's language. Where it is Japanese, the text of its code; one without such a text stays as it is.
 */
export function errorText(error: PlainError): LocalisedError {
  const { code, message, action, params } = error;
  const text = language === 'ja' ? errorsJa[code] : undefined;
  const isTold = typeof text?.message === 'string' || params !== undefined;
  if (text === undefined || !isTold) return { message, action, original: null };
  const fill = <T>(part: T | ((of: ErrorParams) => string)) =>
    part instanceof Function ? part(params ?? {}) : part;
  return {
    message: fill(text.message),
    action: fill(text.action),
    original: action === undefined ? message : `${message} ${action}`,
  };
}

/** As {@link errorText}, in one line. */
export function errorLine(error: PlainError): string {
  const { message, action } = errorText(error);
  return [message, action].filter((part) => part !== undefined).join(' ');
}
