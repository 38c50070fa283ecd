/** An error that is the reason of another error. */
export interface Reason {
  code: string;
  /** Id of the text, if it is not the code. */
  id?: string;
  /** English text, for languages without a text of that id. */
  message: string;
  params?: object;
}

/** Tells a reason in the language of the text that contains it, without a full stop. */
export type Tell = (reason: Reason) => string;
