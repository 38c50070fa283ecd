import { fillText, type PlainError } from '../../domain/errors.ts';
import type { ErrorText } from '../../texts/errors.ts';
import { language } from './language.ts';
import { strings } from './strings.ts';

/** An error as the page shows it. */
export interface LocalisedError {
  message: string;
  action: string | undefined;
  /** The error's own English message if the page's language is another one; else null. */
  original: string | null;
}

const texts: Readonly<Record<string, ErrorText>> = strings.errors;

/** Puts an error into the page's language. An error whose code the catalogue lacks keeps its own message. */
export function errorText(error: PlainError): LocalisedError {
  const { code, id = code, message, action, params } = error;
  const text = language === 'en' ? undefined : texts[id];
  // An error that an earlier version of the page stored may lack the values.
  const needsValues = text?.message instanceof Function || text?.action instanceof Function;
  if (text === undefined || (needsValues && params === undefined)) {
    return { message, action, original: null };
  }
  const original = action === undefined ? message : `${message} ${action}`;
  return { ...fillText(text, params, texts), original };
}

/** The same as {@link errorText}, in one line. */
export function errorLine(error: PlainError): string {
  const { message, action } = errorText(error);
  return strings.format.sentences(message, action);
}
