/** Name of the manifest in a package directory. */
export const MANIFEST = 'tiebreak.json';

/** Name of the chat template in a package directory, as Transformers names it. */
export const CHAT_TEMPLATE = 'chat_template.jinja';
