import { type ErrorParams, fillText } from '../../domain/errors.ts';
import { errors } from '../../texts/en/errors/index.ts';
import type { ErrorId, ErrorText, ParamsOf } from '../../texts/errors.ts';

type ReasonId = Extract<ErrorId, `kernels/${string}`>;

/** Why an executor is not taken: its code, the reason in English, and the values in it. */
export interface Reason {
  /** One of ours, or that of the error it failed with. */
  code: string;
  reason: string;
  params?: ErrorParams;
}

/** The reason of a code. @param params what its text counts. */
export function reasonFor<Id extends ReasonId>(code: Id, params?: ParamsOf<Id>): Reason {
  const { message } = fillText(errors[code] as ErrorText, params as ErrorParams | undefined);
  return { code, reason: message, params: params as ErrorParams | undefined };
}
