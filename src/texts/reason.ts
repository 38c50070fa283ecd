/** An error that another one names as its reason. */
export interface Reason {
  code: string;
  /** Of the text, where it is not the code. */
  id?: string;
  /** In English, for languages without a text of that id. */
  message: string;
  params?: object;
}

/** What a reason says in the language of the text that names it, without a full stop. */
export type Tell = (reason: Reason) => string;
