import type { errors as english } from './en/errors/index.ts';
import type { Tell } from './reason.ts';

/**
 * The text of an error in one language: the problem (`message`) and the remedy (`action`). `P` has the values in it.
 * Another error is among these as a `Reason`, which `tell` turns into words.
 */
export interface ErrorText<P = never> {
  message: string | ((params: P, tell: Tell) => string);
  action?: string | ((params: P) => string | undefined);
}

type English = typeof english;

/** Id of an error's text: the code and, if a code has several texts, a colon and a word. */
export type ErrorId = keyof English;

/** Type of a part of a text that is a function of values. */
type ValuesOf<Part> = Part extends (params: infer P, tell: Tell) => unknown ? P : unknown;

/** The values that an error's text needs; unknown for none. */
export type ParamsOf<Id extends ErrorId> = ValuesOf<English[Id]['message']> &
  (English[Id] extends { action: infer Action } ? ValuesOf<Action> : unknown);

/** The texts of these errors in another language. */
export type ErrorTextsOf<Area> = {
  [Id in keyof Area]: ErrorText<Id extends ErrorId ? ParamsOf<Id> : never>;
};

/** Every error's text in one language. */
export type ErrorTexts = ErrorTextsOf<English>;
