import { strings } from '../../i18n/strings.ts';

/** The texts of the report, in the page’s language. */
export const words = strings.report;
