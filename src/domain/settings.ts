/**
 * The way in which a cell becomes turns: `faithful` reads it as the notebook did (Python's `eval`), `clean` as JSON.
 */
export type TextMode = 'faithful' | 'clean';

/**
 * The part that is cut from a text of more than `maxLength` tokens.
 * - `right`: the end of the whole text, as in the notebook.
 * - `turns`: the oldest whole turns, then the end of the text if it is still too long.
 * - `proportional`: the end of each part, in proportion to its length.
 */
type Truncation = 'right' | 'turns' | 'proportional';

/** Settings that change the numbers of a run. The defaults are the notebook's. */
export interface RunSettings {
  textMode: TextMode;
  /** Largest number of tokens of a text, `<bos>` and `<eos>` included. */
  maxLength: number;
  truncation: Truncation;
  /**
   * The notebook's `spread_max_length`: each part is tokenized by itself, with its own `<bos>` and `<eos>`, and cut to
   * a third of `maxLength`.
   */
  spread: boolean;
  /** Test-time augmentation: also score the swapped order and average the probabilities. */
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

/** True if all settings are equal, so that runs with them give the same numbers. */
export function sameSettings(a: RunSettings, b: RunSettings): boolean {
  return (Object.keys(a) as (keyof RunSettings)[]).every((key) => a[key] === b[key]);
}
