import { type ErrorParams, fillText } from '../../domain/errors.ts';
import { errors } from '../../texts/en/errors/index.ts';
import type { ErrorId, ErrorText, ParamsOf } from '../../texts/errors.ts';
import type { Reason as TextReason } from '../../texts/reason.ts';

type ReasonId = Extract<ErrorId, `kernels/${string}`>;

/** The reason why an executor is refused: its code, its English text, and the values in that. */
export interface Reason {
  /** A `kernels/…` code, or the code of the error with which the executor failed. */
  code: string;
  /** Id of the error's text, if it is not the code. */
  id?: string;
  reason: string;
  params?: ErrorParams;
}

/** Makes the reason for a code. @param params values in its text. */
export function reasonFor<Id extends ReasonId>(code: Id, params?: ParamsOf<Id>): Reason {
  const { message } = fillText(errors[code] as ErrorText, params as ErrorParams | undefined);
  return { code, reason: message, params: params as ErrorParams | undefined };
}

/** Converts a reason to the form that texts of errors contain. */
export function toldReason({ code, id, reason, params }: Reason): TextReason {
  return { code, id, message: reason, params };
}
