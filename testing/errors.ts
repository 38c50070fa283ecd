import { type PlainError, TiebreakError } from '../src/domain/errors.ts';

/** An error with its own message, like one that crossed a worker boundary. */
export function errorOf(
  code: string,
  message: string,
  more: Pick<PlainError, 'action' | 'place' | 'params'> = {},
): TiebreakError {
  return TiebreakError.fromPlain({ code, message, ...more });
}
