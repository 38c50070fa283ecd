import { strings } from '../i18n/strings.ts';

/** The texts of the card “This computer”, in the page’s language. */
export const words = strings.computer;
