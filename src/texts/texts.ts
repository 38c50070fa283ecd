import type { english } from './en/index.ts';

/** Every text of one language. The English ones define what there is. */
export type Texts = typeof english;
