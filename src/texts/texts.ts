import type { english } from './en/index.ts';
import type { ErrorTexts } from './errors.ts';

/** All texts of one language. The English ones define which texts exist. */
export type Texts = Omit<typeof english, 'errors'> & { errors: ErrorTexts };
