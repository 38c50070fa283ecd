import { CLASS_COLUMNS } from '../../domain/classes.ts';

/** The columns to score, as in the competition's `test.csv`. A file must have all of them except the id. */
export const PAIR_COLUMNS = ['id', 'prompt', 'response_a', 'response_b'] as const;

/** Names of the two models that answered, as in the competition's `train.csv`. */
export const MODEL_COLUMNS = ['model_a', 'model_b'] as const;

/** Optional columns with the origin of a row. */
export const ORIGIN_COLUMNS = ['source', 'judge', 'group'] as const;

/** The columns of a submission. Every file of results has them, and reading one needs no others. */
export const RESULT_COLUMNS = ['id', ...CLASS_COLUMNS] as const;
