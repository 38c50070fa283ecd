import type { errors as english } from './en/errors/index.ts';
import type { Tell } from './reason.ts';

/**
 * The text of an error in one language: what is wrong, and what to do. `P`: the values in it; the words of another
 * error are among them as that error, and come from `tell`.
 */
export interface ErrorText<P = never> {
  message: string | ((params: P, tell: Tell) => string);
  action?: string | ((params: P) => string | undefined);
}

type English = typeof english;

/** Names an error's text: its code, and where one code has several texts a word behind a colon. */
export type ErrorId = keyof English;

/** The part of a text that needs values, and which. */
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
