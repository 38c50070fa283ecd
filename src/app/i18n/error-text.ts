import { fillText, type PlainError } from '../../domain/errors.ts';
import type { ErrorText } from '../../texts/errors.ts';
import { language } from './language.ts';
import { strings } from './strings.ts';

/** An error as the page tells it. */
export interface LocalisedError {
  message: string;
  action: string | undefined;
  /** What the error itself says, in English, where the page tells it in another language; else null. */
  original: string | null;
}

const texts: Readonly<Record<string, ErrorText>> = strings.errors;

/** An error in the page's language; one without a text in the catalogue says what it says itself. */
export function errorText(error: PlainError): LocalisedError {
  const { code, id = code, message, action, params } = error;
  const text = language === 'en' ? undefined : texts[id];
  // One that is older than this version of the page may lack the values.
  const needsValues = text?.message instanceof Function || text?.action instanceof Function;
  if (text === undefined || (needsValues && params === undefined)) {
    return { message, action, original: null };
  }
  const original = action === undefined ? message : `${message} ${action}`;
  return { ...fillText(text, params, texts), original };
}

/** As {@link errorText}, in one line. */
export function errorLine(error: PlainError): string {
  const { message, action } = errorText(error);
  return [message, action].filter((part) => part !== undefined).join(' ');
}
