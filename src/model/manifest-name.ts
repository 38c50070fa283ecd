/** Name of the manifest in a package directory. */
export const MANIFEST = 'tiebreak.json';
