import { strings } from '../../i18n/strings.ts';

/** The texts of the explorer, in the page’s language. */
export const words = strings.explorer;
