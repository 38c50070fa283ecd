/**
 * How a cell is read. `faithful` does what the notebook does (Python's `eval`), `clean` is `JSON.parse`.
 */
export type TextMode = 'faithful' | 'clean';

/**
 * What is cut when a row has more than `maxLength` tokens.
 * - `right`: the end of the whole text, as the notebook does.
 * - `turns`: oldest whole turns first, then the end.
 * - `proportional`: the end of each part, in proportion to its length.
 */
type Truncation = 'right' | 'turns' | 'proportional';

/** Settings that change the numbers of a run. The defaults are the notebook's. */
export interface RunSettings {
  textMode: TextMode;
  /** Tokens of a row, `<bos>` and `<eos>` included. */
  maxLength: number;
  truncation: Truncation;
  /**
   * The notebook's `spread_max_length`: each part alone to a third of `maxLength`, with its own `<bos>` and `<eos>`.
   */
  spread: boolean;
  /** Test-time augmentation: also score with A and B exchanged and average the probabilities. */
  tta: boolean;
}

/** The notebook's settings. */
export const DEFAULT_SETTINGS: RunSettings = {
  textMode: 'faithful',
  maxLength: 2048,
  truncation: 'right',
  spread: false,
  tta: false,
};

/** Bounds of `maxLength`; Gemma-2 was trained on 8,192 positions. */
export const MAX_LENGTH_RANGE = { min: 16, max: 8192 } as const;

/** The three texts of a row, each a list of turns. */
export interface Pair {
  prompt: string[];
  responseA: string[];
  responseB: string[];
}

/** Says whether two settings give the same numbers. */
export function sameSettings(a: RunSettings, b: RunSettings): boolean {
  return (Object.keys(a) as (keyof RunSettings)[]).every((key) => a[key] === b[key]);
}
