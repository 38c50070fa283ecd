import type { english } from './en/index.ts';
import type { ErrorTexts } from './errors.ts';

/** Every text of one language. The English ones define what there is. */
export type Texts = Omit<typeof english, 'errors'> & { errors: ErrorTexts };
