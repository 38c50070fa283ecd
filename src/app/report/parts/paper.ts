import { createContext, useContext } from 'react';

/** True in the copy of the report for saving, which has no controls and nothing folded. */
export const Paper = createContext(false);

/** Returns {@link Paper}. */
export const usePaper = (): boolean => useContext(Paper);
